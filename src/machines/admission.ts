/**
 * Who may become a peer. Asked twice for each connection, by the run loop only.
 * The order of the questions is visible on the wire. Source: go-ethereum p2p/server.go, post-handshake checks.
 */
import type { Capability } from '../io/wire/hello.ts';
import { labelOf } from './capability-match.ts';
import type { Candidate, Direction } from './connection.ts';
import type { Rejection } from './connection-endings.ts';

export type AdmissionRules = {
  /** Our own node id. */
  readonly self: string;
  readonly maxPeers: number;
  /** Untrusted inbound peers; the rest is kept for dials of ours. */
  readonly maxInbound: number;
  /** Whether nodes we keep connected are let in however many peers there are, when we dial them. */
  readonly isStaticExempt: boolean;
  /** None means that everybody is welcome. */
  readonly capabilities: readonly Capability[];
};

export type PeerEntry = {
  readonly connectionId: string;
  readonly id: string;
  readonly direction: Direction;
  readonly trusted: boolean;
};

export type PeerSet = ReadonlyMap<string, PeerEntry>;

export type Verdict = Rejection | { readonly type: 'accept' };

/** Room first, even for a duplicate or ourselves, as go-ethereum answers. */
export function judgeRoom(candidate: Candidate, { rules, peers, trusted }: Situation): Verdict {
  const isExempt =
    trusted.has(candidate.id) || (rules.isStaticExempt && candidate.direction === 'static');
  const inbound = countInbound(peers);
  if (!isExempt && peers.size >= rules.maxPeers)
    return {
      type: 'reject.tooManyPeers',
      facts: { peers: peers.size, limit: rules.maxPeers },
    };
  if (!isExempt && candidate.direction === 'inbound' && inbound >= rules.maxInbound)
    return { type: 'reject.tooManyPeers', facts: { inbound, limit: rules.maxInbound } };
  const known = peers.get(candidate.id);
  if (known) return { type: 'reject.alreadyConnected', facts: { connection: known.connectionId } };
  if (candidate.id === rules.self) return { type: 'reject.self', facts: { id: candidate.id } };
  return { type: 'accept' };
}

/** Usefulness, then room once more: both may have changed since the first checkpoint. */
export function judgePeer(
  candidate: Candidate,
  theirs: readonly Capability[],
  situation: Situation,
): Verdict {
  const { capabilities } = situation.rules;
  if (capabilities.length > 0 && !shareAny(capabilities, theirs))
    return {
      type: 'reject.uselessPeer',
      facts: { ours: listed(capabilities), theirs: listed(theirs) },
    };
  return judgeRoom(candidate, situation);
}

/** What the run loop knows when it is asked. */
export type Situation = {
  readonly rules: AdmissionRules;
  readonly peers: PeerSet;
  /** Node ids exempt from both limits; they still count. */
  readonly trusted: ReadonlySet<string>;
};

const countInbound = (peers: PeerSet): number =>
  [...peers.values()].filter(({ direction }) => direction === 'inbound').length;

const shareAny = (ours: readonly Capability[], theirs: readonly Capability[]): boolean =>
  ours.some((a) => theirs.some((b) => a.name === b.name && a.version === b.version));

const listed = (capabilities: readonly Capability[]): string =>
  capabilities.map(labelOf).join(' ') || 'none';
