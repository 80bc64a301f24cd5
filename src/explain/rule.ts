/** A rule of an explanation: when it applies, and the sentences and confidence it gives. */
import type { Confidence } from '../api/explanation.ts';
import type { Pause } from '../io/process/pause-watch.ts';
import type { HostKind } from '../io/wire/ip-address.ts';
import type { Direction } from '../machines/connection/connection.ts';
import type { Facts } from '../machines/reason-states.ts';

/** What rules can ask about an ending. */
export type EndingFacts = {
  /** Null when there was no connection. */
  readonly direction: Direction | null;
  /** Where the other side is; null for a name. */
  readonly remote: HostKind | null;
  /** The last state before the ending, `peer` for a peer, null without a connection. */
  readonly during: string | null;
  /** Time in that state, in ms. */
  readonly duringMs: number;
  /** Time since the connection was made, in ms; of a peer, since its announcement. */
  readonly ms: number;
  readonly bytesIn: number;
  /** Our Hello had been sent. */
  readonly isHelloSent: boolean;
  /** Their client name in Hello; empty without a Hello. */
  readonly client: string;
  /** Shared protocols, such as `eth/69`. */
  readonly protocols: readonly string[];
  /** Our Hello names no protocol. */
  readonly offersNothing: boolean;
  /** Time since the node was a peer before, in ms; null when it was not, or long ago. */
  readonly sincePeerMs: number | null;
  /** This process stood still just before; null when it did not. */
  readonly pause: Pause | null;
  readonly facts: Facts;
};

/** A sentence that is absent is taken from the chart. */
type RuleSentences = {
  readonly verdict?: string | ((seen: EndingFacts) => string);
  readonly remedy?: string;
  readonly confidence: Confidence;
};

export type Rule = RuleSentences & { readonly when: (seen: EndingFacts) => boolean };

export const weDialled = ({ direction }: EndingFacts): boolean =>
  direction !== null && direction !== 'inbound';
export const theyCalled = ({ direction }: EndingFacts): boolean => direction === 'inbound';

/** go-ethereum limits no caller of its own computer or LAN. Source: p2p/server.go, checkInboundConn. */
export const isNear = ({ remote }: EndingFacts): boolean =>
  remote === 'loopback' || remote === 'lan';

export const wasPeer = ({ sincePeerMs }: EndingFacts): boolean => sincePeerMs !== null;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Such as `15 s` or `3 min`. */
export function lasting(ms: number): string {
  if (ms < SECOND_MS) return 'less than 1 s';
  return ms < 2 * MINUTE_MS
    ? `${Math.round(ms / SECOND_MS)} s`
    : `${Math.round(ms / MINUTE_MS)} min`;
}

/** Such as `15 s ago`. */
export const peerAgo = ({ sincePeerMs }: EndingFacts): string => `${lasting(sincePeerMs ?? 0)} ago`;

/** A duration among the facts, in ms; null without it. */
export function factMs({ facts }: EndingFacts, name: string): number | null {
  const value = facts[name];
  return typeof value === 'number' ? value : null;
}
