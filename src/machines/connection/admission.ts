/**
 * Whether a connection may become a peer. The run loop asks twice for each connection.
 * The order of the checks is visible on the wire. Source: go-ethereum p2p/server.go, post-handshake checks.
 */
import type { Capability } from '../../io/wire/hello.ts';
import { countLabelled } from '../persistent-map.ts';
import { labelOf } from './capability-match.ts';
import type { Candidate, PeerEntry, PeerSet } from './connection.ts';
import type { Rejection } from './connection-endings.ts';
import { type PendingSet, rivalOf } from './crossed-dials.ts';

/** Capabilities that a fact lists. Ours. */
const MAX_LISTED = 16;

export type AdmissionRules = {
  /** Our own node id. */
  readonly self: string;
  readonly maxPeers: number;
  /** Untrusted inbound peers; the rest is reserved for our dials. */
  readonly maxInbound: number;
  /** Peers from one IPv4 /24 or IPv6 /48; LAN, trusted and static ones excepted. */
  readonly maxPerSubnet: number;
  /** Whether static nodes that we dial are exempt from every limit. */
  readonly isStaticExempt: boolean;
  /** Empty: peers need not share one. */
  readonly capabilities: readonly Capability[];
};

export type AdmissionDecision = Rejection | { readonly type: 'accept' };

/** Room first, even for a duplicate or ourselves, as go-ethereum answers. */
export function judgeRoom(
  candidate: Candidate,
  { rules, peers, trusted }: AdmissionSituation,
): AdmissionDecision {
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
  const neighbours = countNeighbours(candidate, peers);
  if (!isExempt && neighbours >= rules.maxPerSubnet)
    return {
      type: 'reject.crowdedSubnet',
      facts: { subnet: candidate.subnet ?? '', peers: neighbours, limit: rules.maxPerSubnet },
    };
  return { type: 'accept' };
}

/** A shared capability, then room once more: peers may have come since the first checkpoint. */
export function judgePeer(
  candidate: Candidate,
  theirs: readonly Capability[],
  situation: AdmissionSituation,
): AdmissionDecision {
  const { capabilities } = situation.rules;
  if (!isUseful(theirs, capabilities))
    return {
      type: 'reject.uselessPeer',
      facts: { ours: listed(capabilities), theirs: listed(theirs) },
    };
  return judgeRoom(candidate, situation);
}

/** Asked before the second check: a crossed connection waits for the other one, whose end may change the answer. */
export function mustWait(
  candidate: Candidate,
  theirs: readonly Capability[],
  { rules, ...known }: AdmissionSituation,
): boolean {
  return (
    isUseful(theirs, rules.capabilities) &&
    rivalOf(candidate, { self: rules.self, ...known }) !== null
  );
}

/** What the run loop knows when a checkpoint asks. */
export type AdmissionSituation = {
  readonly rules: AdmissionRules;
  readonly peers: PeerSet;
  readonly pending: PendingSet;
  /** Node ids exempt from every limit; they still count. */
  readonly trusted: ReadonlySet<string>;
};

/** What the set of peers is counted by, so that its counts are kept. */
export const peerLabels = ({ direction, subnet }: PeerEntry): readonly string[] =>
  subnet === null ? [direction] : [direction, inSubnet(subnet)];

const inSubnet = (subnet: string): string => `in ${subnet}`;

const countInbound = (peers: PeerSet): number => countLabelled(peers, 'inbound', peerLabels);

/** Static nodes are counted but not limited. */
const countNeighbours = ({ subnet, direction }: Candidate, peers: PeerSet): number =>
  subnet === null || direction === 'static'
    ? 0
    : countLabelled(peers, inSubnet(subnet), peerLabels);

/** Without capabilities of our own every peer is useful. */
const isUseful = (theirs: readonly Capability[], ours: readonly Capability[]): boolean =>
  ours.length === 0 ||
  ours.some((a) => theirs.some((b) => a.name === b.name && a.version === b.version));

/** A peer may offer hundreds. */
const listed = (capabilities: readonly Capability[]): string => {
  const labels = capabilities.slice(0, MAX_LISTED).map(labelOf).join(' ') || 'none';
  const more = capabilities.length - MAX_LISTED;
  return more > 0 ? `${labels} and ${more} more` : labels;
};
