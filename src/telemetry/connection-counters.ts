/** Counts the endings of connections, dials and peers for the metrics, in go-ethereum's buckets. */
import type { EndedConnection } from '../api/endings.ts';
import type { EventFeed } from '../api/event-feed.ts';
import type { Peer } from '../api/peer.ts';
import type { ServerEvents } from '../api/server-events.ts';
import { duringOf } from '../explain/explain.ts';
import type { Clock } from '../io/process/clock.ts';
import type { Direction } from '../machines/connection/connection.ts';
import { FAILURES, REFUSALS, REJECTIONS } from '../machines/connection/connection-endings.ts';
import type { DialFailure } from '../machines/dialing/dial-failures.ts';
import { TURN_AWAY_REASONS } from '../machines/listening/listener.ts';
import { PEER_FAILURES, PEER_REFUSALS, PEER_REJECTIONS } from '../machines/peer/peer-endings.ts';

/** A peer counts as lasting after this, in ms. Source: go-ethereum p2p/metrics.go, "success/1min". */
export const LASTING_MS = 60_000;

/** Dials of every kind are outbound. */
export const DIRECTIONS = ['inbound', 'outbound'] as const;
export type Side = (typeof DIRECTIONS)[number];

/** As go-ethereum counts them. */
const CHURN_RESULTS = [...DIRECTIONS, 'skipped'] as const;

export type CountersSource = {
  readonly clock: Pick<Clock, 'now'>;
  /** The current peers. */
  readonly peers: () => readonly Peer[];
  /** The direction of each connection in setup. */
  readonly pending: () => readonly Direction[];
  readonly on: EventFeed<ServerEvents>['on'];
  /** The direction of each peer that makes room; null each time that none does. */
  readonly onChurn: (listener: (direction: Direction | null) => void) => void;
};

export class ConnectionCounters {
  readonly successes = { inbound: 0, outbound: 0 };
  /** By reason; each reason is present from the start. */
  readonly errors: Readonly<Record<Side, Map<string, number>>> = {
    inbound: zeroes(Object.values(BUCKETS)),
    outbound: zeroes([...Object.values(BUCKETS), CONNECTION]),
  };
  /** By outcome (rejected by us, refused by them, failed), then by reason. */
  readonly disconnects = {
    rejected: zeroes(Object.keys(PEER_REJECTIONS)),
    refused: zeroes(Object.keys(PEER_REFUSALS)),
    failed: zeroes(Object.keys(PEER_FAILURES)),
  };
  /** Inbound connections that were destroyed without a byte, by reason. */
  readonly turnedAway = zeroes(TURN_AWAY_REASONS);
  /** Peers that made room, and times that none did. */
  readonly churn = zeroes(CHURN_RESULTS);
  readonly #source: CountersSource;
  readonly #addedAt = new WeakMap<Peer, number>();
  /** Lasting peers that have been dropped. */
  readonly #lasted = { inbound: 0, outbound: 0 };

  constructor(source: CountersSource) {
    this.#source = source;
    source.on('add', ({ peer }) => {
      this.successes[sideOf(peer.direction)] += 1;
      this.#addedAt.set(peer, source.clock.now());
    });
    source.on('drop', ({ peer, outcome, state }) => {
      if (this.#hasLasted(peer)) this.#lasted[sideOf(peer.direction)] += 1;
      increase(this.disconnects[outcome], state.slice(state.lastIndexOf('.') + 1));
    });
    source.on('ended', (ended) => increase(this.errors[sideOf(ended.direction)], bucketOf(ended)));
    source.onChurn((direction) =>
      increase(this.churn, direction === null ? 'skipped' : sideOf(direction)),
    );
    source.on('turnedAway', ({ counts }) => {
      for (const reason of TURN_AWAY_REASONS) increase(this.turnedAway, reason, counts[reason]);
    });
    source.on('dialFailed', ({ state }) => {
      const error = DIAL_ERRORS[state];
      if (error !== null) increase(this.errors.outbound, error);
    });
  }

  /** Connections that were accepted or dialled: each is in setup, has failed, or became a peer. */
  attempts(side: Side): number {
    const failed = [...this.errors[side].values()].reduce((a, b) => a + b, 0);
    return this.#source.pending().filter(isOf(side)).length + failed + this.successes[side];
  }

  /** Peers that lasted, current ones included. Needs no timer: the age of current peers is computed when asked. */
  lasting(side: Side): number {
    const here = this.#source
      .peers()
      .filter((peer) => sideOf(peer.direction) === side && this.#hasLasted(peer));
    return this.#lasted[side] + here.length;
  }

  #hasLasted(peer: Peer): boolean {
    const now = this.#source.clock.now();
    return now - (this.#addedAt.get(peer) ?? now) >= LASTING_MS;
  }
}

export const isOf =
  (side: Side) =>
  (direction: Direction): boolean =>
    sideOf(direction) === side;

const sideOf = (direction: Direction): Side => (direction === 'inbound' ? 'inbound' : 'outbound');

/** The bucket of a link failure is that of the handshake during which it happened. */
const BY_PHASE = 'rlpx';

/** go-ethereum's buckets and their names in our metrics. */
const BUCKETS = {
  saturated: 'saturated',
  known: 'known',
  self: 'self',
  useless: 'useless',
  'id/unexpected': 'unexpectedIdentity',
  'rlpx/enc': 'encHandshake',
  'rlpx/proto': 'protoHandshake',
  other: 'other',
} as const satisfies Record<Exclude<Bucket, typeof BY_PHASE>, string>;

type Bucket = MetricOf<typeof REJECTIONS> | MetricOf<typeof REFUSALS> | MetricOf<typeof FAILURES>;
type MetricOf<Table extends Record<string, { readonly metric: string }>> =
  Table[keyof Table]['metric'];

const CONNECTION = 'connection';

/** Dials that failed to connect. A dial that got further is counted by the ending of its setup; null counts nothing. */
const DIAL_ERRORS = {
  noTcpPort: null,
  nodeNotFound: null,
  hostNotFound: null,
  hostLookupFailed: null,
  hostLookupTimeout: null,
  notInNetRestrict: null,
  connectionRefused: CONNECTION,
  unreachable: CONNECTION,
  connectTimeout: CONNECTION,
  lostAtOnce: CONNECTION,
  connectFailed: CONNECTION,
  setupFailed: null,
  setupTimeout: null,
  alreadyConnected: null,
  cancelled: null,
} as const satisfies Record<DialFailure, typeof CONNECTION | null>;

/** By the state in which a setup ends. */
const BUCKET_OF: ReadonlyMap<string, Bucket> = new Map([
  ...bucketsOf('rejected', REJECTIONS),
  ...bucketsOf('refused', REFUSALS),
  ...bucketsOf('failed', FAILURES),
]);

function bucketsOf(parent: string, table: Record<string, { readonly metric: Bucket }>) {
  return Object.entries(table).map(
    ([reason, { metric }]) => [`${parent}.${reason}`, metric] as const,
  );
}

type Ended = Pick<EndedConnection, 'state' | 'trail'>;

function bucketOf({ state, trail }: Ended): string {
  const bucket = BUCKET_OF.get(state) ?? 'other';
  if (bucket !== BY_PHASE) return BUCKETS[bucket];
  const [phase = ''] = duringOf(trail).split('.');
  return phase === 'encHandshake' || phase === 'protoHandshake' ? phase : BUCKETS.other;
}

const zeroes = (keys: readonly string[]): Map<string, number> =>
  new Map(keys.map((key) => [key, 0]));

const increase = (counts: Map<string, number>, key: string, by = 1): void =>
  void counts.set(key, (counts.get(key) ?? 0) + by);
