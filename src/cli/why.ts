/** `peerchart why`: checks with one dial whether a node would be our peer, and if not, why. */

import type { Ports } from '../api/options.ts';
import { isUdpOfUse } from '../explain/udp-verdict.ts';
import type { Node } from '../io/crypto/node.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { loadNodeKey } from '../server/node-key-file.ts';
import { defined } from './defined.ts';
import { CommandError } from './error.ts';
import { DEFAULT_OFFER, type Offer, offeredProtocol } from './offered-protocols.ts';
import { type Probe, probe } from './probe.ts';
import type { Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';
import { askOverUdp } from './udp-check.ts';
import { endingOf, whyLines, whyReport } from './why-report.ts';

/** Default time they must stay connected, in s. Ours: less than the 5 s that go-ethereum waits for the eth Status. */
const STAY_S = 3;

export type WhyOptions = {
  readonly json?: boolean;
  /** Our key file; a new key without one. */
  readonly nodekey?: string;
  readonly allowReadableKey?: boolean;
  /** Longest wait until they are a peer, in seconds; every step also has its own time limit. */
  readonly timeout: number;
  /** Capabilities for our Hello; messages of these protocols are counted. */
  readonly offer?: readonly Offer[];
  /** How long they must stay connected, in seconds. */
  readonly stay?: number;
};

/**
 * @returns The exit code: 0 when they would be our peer, 1 otherwise.
 * @throws {CommandError} The enode is our own. @throws {KeyFileError}
 */
export async function why(
  node: Node,
  { json, timeout, offer = DEFAULT_OFFER, stay = STAY_S, ...keyFile }: WhyOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const key = await keyOf(keyFile);
  if (key.id === node.id)
    throw new CommandError('the enode is that of our own key: a node does not dial itself');
  let heard = 0;
  const protocols = offer.map((capability) =>
    offeredProtocol(capability, () => {
      heard += 1;
    }),
  );
  const options = { node, key, timeout, protocols, keepMs: stay * 1_000 };
  const result = await probe(options, terminal, ports);
  const reached = await udpAnswerTo(node, result, terminal, ports);
  const report = whyReport(result, { node, timeout, heard, reached });
  const text = json
    ? timedJson(report, terminal)
    : timedLines((paint) => whyLines(report, paint), terminal);
  terminal.stdout.write(`${text}\n`);
  return report.isPeer ? 0 : 1;
}

/** Null when nothing was asked. */
async function udpAnswerTo(
  node: Node,
  { end, gaveUp }: Probe,
  terminal: Terminal,
  { clock, dialer, datagrams }: Partial<Ports>,
): Promise<boolean | null> {
  if (gaveUp === 'interrupt' || !isUdpOfUse(endingOf(end))) return null;
  if (dialer && !datagrams) return null; // this world has no UDP
  const answer = await askOverUdp(node, defined({ clock, datagrams }), terminal);
  return answer === 'notAsked' ? null : answer === 'pong';
}

async function keyOf({
  nodekey,
  allowReadableKey,
}: Pick<WhyOptions, 'nodekey' | 'allowReadableKey'>) {
  if (nodekey === undefined) return generateNodeKey();
  return loadNodeKey(nodekey, { allowReadable: allowReadableKey === true });
}
