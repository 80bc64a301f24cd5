/**
 * Which peer makes room when all places of its kind are taken, so that new nodes can join: pure functions. When they are
 * asked is in `dial-scheduler.ts`. Source: go-ethereum eth/dropper.go, which also spares peers that sent useful transactions.
 */
import type { Direction } from '../connection/connection.ts';
import { countLabelled } from '../persistent-map.ts';
import { byDirection, type DialFacts, type DialRules, dialledPeers } from './dial-check.ts';

/** Shortest and longest time from one choice to the next, in ms. Source: go-ethereum eth/dropper.go. */
export const MIN_CHURN_PAUSE_MS = 180_000;
export const MAX_CHURN_PAUSE_MS = 420_000;

/** A peer stays this long at least, in ms. Source: go-ethereum eth/dropper.go. */
export const YOUNG_PEER_MS = 600_000;

/** What the choice depends on. */
export type ChurnSituation = {
  readonly facts: Pick<DialFacts, 'peers'>;
  readonly rules: Pick<DialRules, 'maxDialed' | 'maxInbound'>;
  /** Peers that have stayed long enough. */
  readonly settled: ReadonlySet<string>;
  readonly statics: ReadonlySet<string>;
  readonly trusted: ReadonlySet<string>;
};

export type Churnable = { readonly id: string; readonly direction: Direction };

/** Peers of which one makes room: of a kind whose places are all taken; never static, trusted or young ones. */
export function churnable({
  facts,
  rules,
  settled,
  statics,
  trusted,
}: ChurnSituation): readonly Churnable[] {
  const { peers } = facts;
  const inbound = countLabelled(peers, 'inbound', byDirection);
  const isFull: Readonly<Record<Direction, boolean>> = {
    inbound: inbound >= rules.maxInbound,
    dynamic: dialledPeers(facts) >= rules.maxDialed,
    static: false,
  };
  if (!isFull.inbound && !isFull.dynamic) return [];
  return [...peers].flatMap(([id, direction]) =>
    isFull[direction] && settled.has(id) && !statics.has(id) && !trusted.has(id)
      ? [{ id, direction }]
      : [],
  );
}
