/**
 * Two nodes that dial each other at the same moment: which of the two connections both sides keep.
 * go-ethereum keeps the one that it finishes first, so neither side may close the other one too early.
 */
import { firstWhere } from '../persistent-map.ts';
import type { Candidate, Direction, PeerEntry, PeerSet } from './connection.ts';

/** Longest time one of two crossed connections waits for the end of the other, in ms. Ours; go-ethereum closes it at once. */
export const CROSSED_DIAL_HOLD_MS = 1_000;

/** Candidates past the first checkpoint, by connection. */
export type PendingSet = ReadonlyMap<string, Candidate>;

/**
 * The connection that this one has to wait for, or null.
 * That is a peer over a crossed connection, which the other side may be about to close in favour of this one;
 * or one in setup that both sides prefer: dialled by the smaller node id.
 */
export function rivalOf(
  candidate: Candidate,
  { self, peers, pending }: { self: string; peers: PeerSet; pending: PendingSet },
): PeerEntry | Candidate | null {
  const peer = peers.get(candidate.id);
  if (peer && isCrossed(peer, candidate)) return peer;
  if (isPreferred(candidate, self)) return null;
  const rival = firstWhere(
    pending,
    (other) => other.id === candidate.id && isCrossed(other, candidate),
  );
  return rival ?? null;
}

/** One of them was dialled by us, the other one by them. */
const isCrossed = (a: { direction: Direction }, b: { direction: Direction }): boolean =>
  (a.direction === 'inbound') !== (b.direction === 'inbound');

/** Both sides come to the same answer, since they know the same two ids. */
const isPreferred = ({ id, direction }: Candidate, self: string): boolean =>
  direction === 'inbound' ? id < self : self < id;
