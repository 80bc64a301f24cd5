/** `peerchart discv5 talk`: sends one message of another protocol to a node, and prints the response. */

import { TalkError } from '../api/talk-error.ts';
import type { Node } from '../io/crypto/node.ts';
import type { TalkResult } from '../io/discovery/request-results.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { hexOf } from '../io/wire/hex.ts';
import { printable } from '../io/wire/printable.ts';
import { openDiscv5 } from './discv5-node.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type Discv5TalkOptions = { readonly json?: boolean };

type Discv5TalkReport = { readonly id: string; readonly protocol: string } & (
  | { readonly type: 'talk.response'; readonly hex: string }
  | { readonly type: 'talk.noResponse'; readonly why: string }
);

/** Longest response that is shown, in UTF-16 units. */
const MAX_SHOWN_CHARS = 2_000;

/**
 * @returns The exit code: 0 when there was a response, which may be empty; 1 otherwise; 130 after Ctrl-C.
 * @throws {CommandError} No socket can be bound.
 */
export async function discv5Talk(
  node: Node,
  { protocol, text }: { readonly protocol: string; readonly text: string },
  { json }: Discv5TalkOptions,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const { signal, stdout } = terminal;
  const host = node.hostKind === 'ipv6' ? '::' : '0.0.0.0';
  const { discv5 } = await openDiscv5({ address: { host, port: 0 }, clock }, terminal);
  const payload = new TextEncoder().encode(text);
  const result = await new Promise<TalkResult | null>((resolve) => {
    if (signal.aborted) return resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
    discv5.talk(node, protocol, payload, resolve);
  });
  discv5.close();
  if (result === null) return INTERRUPTED;
  const about = { id: node.id, protocol };
  const report: Discv5TalkReport =
    result.type === 'response'
      ? { type: 'talk.response', ...about, hex: hexOf(result.payload) }
      : { type: 'talk.noResponse', ...about, why: whyOf(result) };
  const line = json
    ? timedJson(report, terminal)
    : timedLines(() => sentenceOf(report, result), terminal);
  stdout.write(`${line}\n`);
  return report.type === 'talk.response' ? 0 : 1;
}

const whyOf = (result: Exclude<TalkResult, { type: 'response' }>) =>
  result.type === 'timedOut' ? result.type : result.why;

function sentenceOf({ protocol }: Discv5TalkReport, result: TalkResult): string {
  if (result.type !== 'response') return `no response: ${new TalkError(whyOf(result)).message}`;
  if (result.payload.length === 0)
    return `an empty response: the node does not speak ${printable(protocol)}, or its handler failed`;
  return printable(new TextDecoder().decode(result.payload), MAX_SHOWN_CHARS);
}
