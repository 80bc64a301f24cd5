/** `peerchart why`: checks with one dial whether a node would be our peer, and if not, why. */

import type { Ports } from '../api/options.ts';
import { isUdpOfUse } from '../explain/udp-verdict.ts';
import type { Node } from '../io/crypto/node.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import type { Network } from '../protocols/networks.ts';
import { loadNodeKey } from '../server/node-key-file.ts';
import { defined } from './defined.ts';
import { CommandError } from './error.ts';
import { EthWatch } from './eth-watch.ts';
import { type Offer, offeredProtocol } from './offered-protocols.ts';
import { type Probe, probe } from './probe.ts';
import type { Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';
import { askOverUdp } from './udp-check.ts';
import { whyEth } from './why-eth.ts';
import { endingOf, whyLines, whyReport } from './why-report.ts';

/** Default time they must stay connected, in s. Ours: more than what a session of eth needs to be confirmed, or to end. */
const STAY_S = 8;

/** The same without eth. Ours: less than the 5 s that go-ethereum waits for the eth Status. */
const STAY_WITHOUT_ETH_S = 3;

export type WhyOptions = {
  readonly json?: boolean;
  /** Our key file; a new key without one. */
  readonly nodekey?: string;
  readonly allowReadableKey?: boolean;
  /** Longest wait until they are a peer, in seconds; every step also has its own time limit. */
  readonly timeout: number;
  /** Capabilities for our Hello; messages of these protocols are counted, and none is sent. Without them eth is spoken. */
  readonly offer?: readonly Offer[];
  /** For our Status of eth; without one, that of the network that theirs names. */
  readonly network?: Network;
  /** How long they must stay connected, in seconds. */
  readonly stay?: number;
};

/**
 * @returns The exit code: 0 when they would be our peer, 1 otherwise.
 * @throws {CommandError} The enode is our own. @throws {KeyFileError}
 */
export async function why(
  node: Node,
  { json, timeout, offer, network, stay, ...keyFile }: WhyOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const key = await keyOf(keyFile);
  if (key.id === node.id)
    throw new CommandError('the enode is that of our own key: a node does not dial itself');
  if (offer && network)
    throw new CommandError(
      '--network is for our eth Status, and with --offer none is sent: omit one',
    );
  let heard = 0;
  let onWait = (): void => {};
  const count = (): void => {
    heard += 1;
  };
  const protocols =
    offer?.map((capability) => offeredProtocol(capability, count)) ??
    whyEth({
      network: network ?? null,
      unixTimeMs: ports.unixTimeMs ?? unixTimeMs,
      onWait: () => onWait(),
    });
  const watch = new EthWatch(network);
  const result = await probe(
    {
      ...{ node, key, timeout, protocols, inspect: watch.inspect },
      keepMs: (stay ?? (offer ? STAY_WITHOUT_ETH_S : STAY_S)) * 1_000,
      onPhases: (phases) => {
        onWait = () => phases.enter('status');
      },
    },
    terminal,
    ports,
  );
  const reached = await udpAnswerTo(node, result, terminal, ports);
  const report = whyReport(result, { node, timeout, heard, reached, eth: watch.seen });
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
