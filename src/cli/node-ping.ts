/** `peerchart discv4 ping` and `discv5 ping`: asks one node over UDP whether it is there. */
import type { Node } from '../io/crypto/node.ts';
import type { Discv4 } from '../io/discovery/discv4.ts';
import type { Discv5 } from '../io/discovery/discv5.ts';
import type { PingResult, RequestRefusal } from '../io/discovery/request-results.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import { printable } from '../io/wire/printable.ts';
import { openDiscv4 } from './discv4-node.ts';
import { openDiscv5 } from './discv5-node.ts';
import type { Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type PingOptions = {
  readonly protocol: 'discv4' | 'discv5';
  readonly json?: boolean;
  /** Longest wait for their pong, in seconds; a ping that is lost is repeated. */
  readonly timeout: number;
};

/** Pause between two pings, in ms: nodes answer few from a source that has proven nothing. Ours. */
const PAUSE_MS = 500;

type Attempts = { readonly result: PingResult; readonly attempts: number };

type PingReport = {
  readonly id: string;
  /** Where it was asked. */
  readonly address: string;
  readonly attempts: number;
} & (
  | {
      readonly type: 'discv4.pong' | 'discv5.pong';
      readonly ms: number;
      /** Sequence number of their record; null when they have none. */
      readonly seq: number | null;
      /** Where they see us. */
      readonly seenAt: string;
    }
  | { readonly type: 'discv4.noPong' | 'discv5.noPong'; readonly why: NoPong }
);

type Pong = Extract<PingReport, { readonly ms: number }>;

const isPong = (report: PingReport): report is Pong => 'ms' in report;

type NoPong = 'timedOut' | 'interrupted' | RequestRefusal;

/** @returns The exit code: 0 when a pong was received, 1 otherwise. @throws {CommandError} No socket can be bound. */
export async function nodePing(
  node: Node,
  { protocol, json, timeout }: PingOptions,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const host = node.hostKind === 'ipv6' ? '::' : '0.0.0.0';
  const address = { host, port: 0 };
  const ours =
    protocol === 'discv4'
      ? (await openDiscv4({ address, clock }, terminal)).discv4
      : (await openDiscv5({ address, clock }, terminal)).discv5;
  const limitMs = timeout * 1_000;
  const attempts = await pingRepeatedly(ours, node, { clock, limitMs, signal: terminal.signal });
  ours.close();
  const report = reportOf(protocol, node, attempts, terminal.signal.aborted);
  const line = json ? timedJson(report, terminal) : timedLines(() => sentenceOf(report), terminal);
  terminal.stdout.write(`${line}\n`);
  return isPong(report) ? 0 : 1;
}

type Limits = {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal;
};

/** Until the first pong, the end of the time, or the signal. */
export const pingRepeatedly = (
  ours: Pick<Discv4 | Discv5, 'ping'>,
  node: Node,
  { clock, limitMs, signal }: Limits,
): Promise<Attempts> =>
  new Promise((resolve) => {
    let attempts = 0;
    let cancel = (): void => {};
    let pause: unknown = null;
    const end = (result: PingResult): void => {
      cancel();
      clock.clearTimeout(limit);
      clock.clearTimeout(pause);
      signal.removeEventListener('abort', giveUp);
      resolve({ result, attempts });
    };
    const giveUp = (): void => end({ type: 'timedOut' });
    const attempt = (): void => {
      attempts += 1;
      cancel = ours.ping(node, (result) => {
        if (result.type === 'timedOut') pause = clock.setTimeout(attempt, PAUSE_MS);
        else end(result);
      });
    };
    const limit = clock.setTimeout(giveUp, limitMs);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    else attempt();
  });

function reportOf(
  protocol: PingOptions['protocol'],
  { id, host, udpPort }: Node,
  { result, attempts }: Attempts,
  isInterrupted: boolean,
): PingReport {
  const about = { id, address: formatEndpoint({ host, port: udpPort }), attempts };
  if (result.type === 'pong') {
    const { rttMs, seq, statedEndpoint } = result;
    const seenAt = formatEndpoint(statedEndpoint);
    return { type: `${protocol}.pong`, ...about, ms: Math.round(rttMs), seq, seenAt };
  }
  const type = `${protocol}.noPong` as const;
  if (result.type === 'refused') return { type, ...about, why: result.why };
  return { type, ...about, why: isInterrupted ? 'interrupted' : 'timedOut' };
}

const SENTENCES = {
  timedOut:
    'no pong: nothing answers there, the key is not theirs, or a firewall or NAT drops packets',
  interrupted: 'Interrupted.',
  noUdpEndpoint: 'not asked: the node has no IP address, or no UDP port',
  notInNetRestrict: 'not asked: the address is outside the allowed networks',
  ownNode: 'not asked: the node has our own key',
  tooManyRequests: 'not asked: too many requests wait for an answer',
  closed: 'not asked: the socket is closed',
} as const satisfies Record<NoPong, string>;

function sentenceOf(report: PingReport): string {
  const who = `${report.id.slice(0, SHORT_ID_CHARS)} at ${report.address}`;
  if (!isPong(report)) return `${who}: ${SENTENCES[report.why]}`;
  const { ms, seq, seenAt } = report;
  const record = seq === null ? 'it has no record' : `its record has number ${seq}`;
  return `${who} answers in ${ms} ms; it sees us at ${printable(seenAt)}; ${record}`;
}

/** Hex digits of a node id in a line. */
const SHORT_ID_CHARS = 8;
