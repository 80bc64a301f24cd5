/**
 * Whether a node may be dialled now, and how many dials may start: pure functions of the scheduler's facts.
 * Which node is chosen is decided in `dial-generator.ts`. Source of the rules: go-ethereum p2p/dial.go.
 */
import type { Direction } from '../connection/connection.ts';
import { countLabelled } from '../persistent-map.ts';
import type { DialTarget } from './dial-task.ts';
import type { BackOff } from './redial-back-off.ts';

export type DialDirection = Exclude<Direction, 'inbound'>;

/** What does not change while the server runs. */
export type DialRules = {
  /** Our own node id. */
  readonly self: string;
  /** Peers that may come from our dials. Held when dials start: see `slotsOf`. */
  readonly maxDialed: number;
  /** Untrusted inbound peers: asked by churn only. */
  readonly maxInbound: number;
  /** Whether a random peer makes room now and then: see `churn.ts`. */
  readonly churns: boolean;
  /** Dials at once. */
  readonly maxActive: number;
  /** Static dials and static peers take nothing of `maxDialed`. */
  readonly isStaticExempt: boolean;
  /** Whether a node resolver was configured. */
  readonly canResolve: boolean;
  /** Whether nodes wait after an end by its reason: see `redial-back-off.ts`. */
  readonly backsOff: boolean;
  /** Asked of addresses only, never of names. */
  readonly isInNetRestrict: (host: string) => boolean;
  /** Whether a host reported by discovery may be dialled. Never true for a name. */
  readonly isCandidateHost: (host: string) => boolean;
};

/** Current dials, peers and pending inbound connections, by node id. */
export type DialFacts = {
  /** Bounded by the slots. */
  readonly dialing: ReadonlyMap<string, DialDirection>;
  /** Dialled less than the redial delay ago. */
  readonly recent: ReadonlySet<string>;
  /** Left alone for the reason of their last end. Never static or trusted nodes. */
  readonly backingOff: ReadonlyMap<string, BackOff>;
  readonly peers: ReadonlyMap<string, Direction>;
  /** Inbound connections between the two checkpoints; one id may have several. Bounded by the slots of the listener. */
  readonly pendingInbound: ReadonlyMap<string, number>;
};

/** Why a static node can never be dialled where it is. */
export type DialBlock = 'self' | 'noTcpPort' | 'notInNetRestrict';

/** Why a known node is not dialled now. */
export type DialSkipReason =
  | DialBlock
  | 'alreadyDialing'
  | 'alreadyConnected'
  | 'pendingInbound'
  | 'recentlyDialed'
  | 'backingOff'
  | 'notCandidateHost';

/** The order is go-ethereum's, which has all but the last one. */
export function checkDial(
  target: DialTarget,
  { dialing, recent, backingOff, peers, pendingInbound }: DialFacts,
  rules: DialRules,
): Exclude<DialSkipReason, 'notCandidateHost'> | null {
  const { id } = target;
  const block = blockOf(target, rules);
  if (block !== null && block !== 'notInNetRestrict') return block;
  if (dialing.has(id)) return 'alreadyDialing';
  if (peers.has(id)) return 'alreadyConnected';
  if (pendingInbound.has(id)) return 'pendingInbound';
  if (block !== null) return block;
  if (recent.has(id)) return 'recentlyDialed';
  return backingOff.has(id) ? 'backingOff' : null;
}

/** A node reported by discovery needs an address, and one that may be dialled. */
export function checkCandidate(
  target: DialTarget,
  facts: DialFacts,
  rules: DialRules,
): DialSkipReason | null {
  const refusal = checkDial(target, facts, rules);
  if (refusal !== null) return refusal;
  return rules.isCandidateHost(target.host) ? null : 'notCandidateHost';
}

/**
 * Why this node can never be dialled at this address. A name, and a node without an address, is resolved first and its address judged then;
 * go-ethereum never dials them where there is a restriction.
 */
export function blockOf(
  { id, host, hostKind, tcpPort }: DialTarget,
  { self, isInNetRestrict }: DialRules,
): DialBlock | null {
  if (id === self) return 'self';
  if (hostKind === 'none') return null;
  if (tcpPort === 0) return 'noTcpPort';
  return hostKind === 'name' || isInNetRestrict(host) ? null : 'notInNetRestrict';
}

/** Whether the peers that we dialled take the whole share, so that no static node is dialled until one of them leaves. */
export const isShareTaken = (
  { peers }: Pick<DialFacts, 'peers'>,
  { maxDialed, isStaticExempt }: DialRules,
): boolean => !isStaticExempt && dialledPeers({ peers }) >= maxDialed;

/** Peers that we dialled. */
export const dialledPeers = ({ peers }: Pick<DialFacts, 'peers'>): number =>
  count(peers, 'static') + count(peers, 'dynamic');

/**
 * Dials that may start now: two for each free peer slot, since about half of all dials fail. Dialled peers
 * can therefore be up to twice `maxDialed`, as with go-ethereum; admission does not ask. May be below zero.
 */
export function slotsOf(
  { dialing, peers }: Pick<DialFacts, 'dialing' | 'peers'>,
  { maxDialed, maxActive, isStaticExempt }: DialRules,
): Readonly<Record<DialDirection, number>> {
  const idle = maxActive - dialing.size;
  const takesShare = (directions: ReadonlyMap<string, Direction>): number =>
    count(directions, 'dynamic') + (isStaticExempt ? 0 : count(directions, 'static'));
  const share = (maxDialed - takesShare(peers)) * 2 - takesShare(dialing);
  const dynamic = Math.min(share, idle);
  return { static: isStaticExempt ? idle : dynamic, dynamic };
}

/** What maps of directions are counted by, so that their counts are kept. */
export const byDirection = (direction: Direction): readonly string[] => [direction];

const count = (directions: ReadonlyMap<string, Direction>, direction: Direction): number =>
  countLabelled(directions, direction, byDirection);
