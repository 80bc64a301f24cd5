/**
 * Whom to dial now: a pure decision over what the scheduler knows. It starts nothing.
 * Source of the rules: go-ethereum p2p/dial.go.
 */
import type { Direction } from './connection.ts';
import type { DialTarget } from './dial-task.ts';

export type DialRules = {
  /** Our own node id. */
  readonly self: string;
  /** Peers that may come from dials of ours. */
  readonly maxDialed: number;
  /** Dials at once. */
  readonly maxActive: number;
};

/** Everything keyed by node id. */
export type DialBook = {
  /** At most as many as the user added; never removed by an ending. */
  readonly statics: ReadonlyMap<string, DialTarget>;
  readonly dialing: ReadonlySet<string>;
  /** Dialled less than the redial delay ago. */
  readonly recent: ReadonlySet<string>;
  readonly peers: ReadonlyMap<string, Direction>;
};

/** Why a known node is not dialled now; the order is go-ethereum's. */
export type DialRefusal = 'self' | 'alreadyDialing' | 'alreadyConnected' | 'recentlyDialed';

/** Dials to start at this moment, never more than there are slots. */
export function nextDials(book: DialBook, rules: DialRules): readonly DialTarget[] {
  const due = [...book.statics.values()].filter(({ id }) => checkDial(id, book, rules) === null);
  return due.slice(0, Math.max(0, freeSlots(book, rules)));
}

export function checkDial(id: string, book: DialBook, { self }: DialRules): DialRefusal | null {
  if (id === self) return 'self';
  if (book.dialing.has(id)) return 'alreadyDialing';
  if (book.peers.has(id)) return 'alreadyConnected';
  if (book.recent.has(id)) return 'recentlyDialed';
  return null;
}

/** Two dials for each free peer slot, since about half of all dials come to nothing. */
export function freeSlots({ dialing, peers }: DialBook, rules: DialRules): number {
  const dialed = [...peers.values()].filter((direction) => direction !== 'inbound').length;
  return Math.min((rules.maxDialed - dialed) * 2, rules.maxActive) - dialing.size;
}
