/**
 * The Prometheus metrics of a server; docs/metrics.md lists go-ethereum's name for each. Values are read from their
 * sources when they are scraped, so that they cannot drift.
 */
import { createRequire } from 'node:module';
import type { DiscoveryTable } from '../api/discovery-table.ts';
import type { MetricsRegistry } from '../api/options.ts';
import type { PacketStats } from '../io/discovery/packet-counts.ts';
import type {
  CountedCode,
  HandlerTime,
  RequestTallies,
  Tally,
  Traffic,
} from '../io/link/traffic.ts';
import type { Budgets } from '../io/process/budget.ts';
import type { Direction } from '../machines/connection/connection.ts';
import {
  ConnectionCounters,
  type CountersSource,
  DIRECTIONS,
  isOf,
  type Side,
} from './connection-counters.ts';

export type MetricsSource = CountersSource & {
  readonly traffic: Traffic;
  readonly budgets: Budgets;
  /** The versions of discovery that the server has. */
  readonly discovery: () => Readonly<Record<'v4' | 'v5', AnyTable | null>>;
  /** Candidates that the option `candidateFilter` passed over, by the name of their source. */
  readonly passedOver: () => Iterable<readonly [source: string, count: number]>;
  /** Whether the server has stopped: then another server may use its registry. */
  readonly isOver: () => boolean;
};

type AnyStats = PacketStats<string, string>;
type AnyTable = Pick<DiscoveryTable<AnyStats>, 'nodes' | 'stats'>;

/** Loaded when a registry is wanted: it takes longer to load than the rest of a small program. */
const load = createRequire(import.meta.url);
const prometheus = () => load('prom-client') as typeof import('prom-client');

/** The metrics of one server. Counts from the start, and fills a registry when there is one. */
export class Metrics {
  readonly #source: MetricsSource;
  readonly #counters: ConnectionCounters;
  #registry: MetricsRegistry | null;

  /**
   * @param registry Null makes one when it is first asked for.
   * @throws {TypeError} `registry` already serves a server that has not stopped.
   */
  constructor(registry: MetricsRegistry | null, source: MetricsSource) {
    this.#source = source;
    this.#counters = new ConnectionCounters(source);
    this.#registry = registry;
    if (registry) this.#fill(registry);
  }

  get registry(): MetricsRegistry {
    this.#registry ??= this.#fill(new (prometheus().Registry)());
    return this.#registry;
  }

  #fill(registry: MetricsRegistry): MetricsRegistry {
    const families = familiesOf(this.#source, this.#counters);
    claim(
      registry,
      this.#source,
      families.map(({ name }) => name),
    );
    for (const family of families) register(registry, family);
    return registry;
  }
}

/** The server that each registry serves. */
const holders = new WeakMap<MetricsRegistry, MetricsSource>();

function claim(registry: MetricsRegistry, source: MetricsSource, names: readonly string[]): void {
  if (holders.get(registry)?.isOver()) for (const name of names) registry.removeSingleMetric(name);
  const taken = names.find((name) => registry.getSingleMetric(name));
  if (taken !== undefined)
    throw new TypeError(
      `"metrics" already has ${taken}: a registry serves one server at a time, so give each server its own`,
    );
  holders.set(registry, source);
}

function register(registry: MetricsRegistry, { kind, name, help, labels, read }: Family): void {
  const options = { name, help, labelNames: labels, registers: [registry] };
  if (kind !== 'Histogram') {
    new (prometheus()[kind])({
      ...options,
      collect() {
        this.reset();
        for (const { labels: values, value } of read()) this.inc(values, value);
      },
    });
    return;
  }
  // prom-client cannot take buckets that are already counted
  const get = async () => ({
    ...{ name, help, type: 'histogram' as const, aggregator: 'sum' as const },
    values: read().map(({ suffix = '', ...sample }) => ({
      ...sample,
      metricName: `${name}${suffix}`,
    })),
  });
  Object.assign(new (prometheus().Histogram)(options), { get, getForPromString: get });
}

type Labels = Readonly<Record<string, string>>;

type Sample = {
  readonly labels: Labels;
  readonly value: number;
  /** Of a histogram only. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
};

type Family = {
  readonly kind: 'Counter' | 'Gauge' | 'Histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: () => readonly Sample[];
};

const familiesOf = (
  { peers, pending, traffic, budgets, discovery, passedOver }: MetricsSource,
  tallies: ConnectionCounters,
): readonly Family[] => [
  byDirection('peers', 'Peers', () => peers().map(({ direction }) => direction)),
  byDirection('pending_connections', 'Connections being set up', pending),
  held('received', 'Received bytes that wait for handlers or are reserved for them', budgets),
  held('unsent', 'Bytes that wait to be sent', budgets),
  ...connections('inbound', 'serve', 'Inbound connections', tallies),
  ...connections('outbound', 'dial', 'Dials', tallies),
  counter(
    'turned_away',
    'Inbound connections that were closed at once, without a slot, by reason',
    () => byLabel('reason', tallies.turnedAway),
    ['reason'],
  ),
  counter(
    'churn',
    'Peers that made room for others, by direction, and times that none did',
    () => byLabel('result', tallies.churn),
    ['result'],
  ),
  counter(
    'disconnects',
    'Peers that ended: rejected by us, refused by them, or failed; and why',
    () =>
      Object.entries(tallies.disconnects).flatMap(([outcome, counts]) =>
        byLabel('reason', counts, { outcome }),
      ),
    ['outcome', 'reason'],
  ),
  counter(
    'candidates_passed_over',
    'Nodes that were not dialled because the option candidateFilter does not want them, by source',
    () => byLabel('source', passedOver()),
    ['source'],
  ),
  ...bytes('ingress', 'received', traffic),
  ...bytes('egress', 'sent', traffic),
  {
    ...{ kind: 'Histogram', name: 'peerchart_p2p_handle_seconds', labels: OF_MESSAGE },
    help: 'Time from when a handler took a message until it asked for the next one',
    read: () => perMessage(traffic, 'handled', timeSamples),
  },
  ...requestFamilies(traffic),
  ...discoveryFamilies(discovery),
];

/** Successes and errors of the connections of one direction. */
function connections(side: Side, one: 'serve' | 'dial', what: string, tallies: ConnectionCounters) {
  return [
    counter(`${one}s`, `${what}, in setup and ended`, () => only(tallies.attempts(side))),
    counter(`${one}_successes`, `${what} that became peers`, () => only(tallies.successes[side])),
    counter(`${one}_successes_1min`, `${what} that were peers for a minute or more`, () =>
      only(tallies.lasting(side)),
    ),
    counter(
      `${one}_errors`,
      `${what} that did not become peers, by reason`,
      () => byLabel('reason', tallies.errors[side]),
      ['reason'],
    ),
  ];
}

/** Labels of what is counted by message. */
const OF_MESSAGE = ['protocol', 'version', 'code'];

/** Bytes and messages in one direction of traffic. */
function bytes(way: 'ingress' | 'egress', done: string, traffic: Traffic) {
  const read = (what: keyof Tally) => () =>
    perMessage(traffic, way, (labels, tally) => [{ labels, value: tally[what] }]);
  const help = `of subprotocols ${done}`;
  return [
    counter(`${way}_bytes`, `Bytes ${done} on sockets, handshakes included`, () =>
      only(traffic.stream[way]),
    ),
    counter(`${way}_message_bytes`, `Compressed bytes ${help}`, read('bytes'), OF_MESSAGE),
    counter(`${way}_messages`, `Messages ${help}`, read('messages'), OF_MESSAGE),
  ];
}

/** The samples of each message code of each protocol. */
function perMessage<What extends 'ingress' | 'egress' | 'handled'>(
  { protocols }: Traffic,
  what: What,
  samplesOf: (labels: Labels, counted: CountedBy<What>) => readonly Sample[],
): readonly Sample[] {
  return [...protocols.values()].flatMap(({ name, version, [what]: counts }) =>
    [...(counts as Iterable<readonly [CountedCode, CountedBy<What>]>)].flatMap(([code, counted]) =>
      samplesOf({ protocol: name, version: String(version), code: hexCode(code) }, counted),
    ),
  );
}

type CountedBy<What> = What extends 'handled' ? HandlerTime : Tally;

/** A histogram counts each time in every bucket whose bound it does not exceed. */
function timeSamples(labels: Labels, { count, sumMs, perBound }: HandlerTime): readonly Sample[] {
  let below = 0;
  const buckets = perBound.map(({ boundMs, times }): Sample => {
    below += times;
    return bucket(labels, String(boundMs / 1_000), below);
  });
  return [
    ...buckets,
    bucket(labels, '+Inf', count),
    { labels, suffix: '_sum', value: sumMs / 1_000 },
    { labels, suffix: '_count', value: count },
  ];
}

const bucket = (labels: Labels, le: string, value: number): Sample => ({
  ...{ labels: { ...labels, le }, suffix: '_bucket', value },
});

/** Requests of handlers to peers. */
function requestFamilies({ protocols }: Traffic): readonly Family[] {
  const read =
    <Counted>(
      countsOf: (requests: RequestTallies) => Iterable<readonly [CountedCode, Counted]>,
      samplesOf: (labels: Labels, counted: Counted) => readonly Sample[],
    ) =>
    () =>
      [...protocols.values()].flatMap(({ name, version, requests }) =>
        [...countsOf(requests)].flatMap(([code, counted]) =>
          samplesOf({ protocol: name, version: String(version), code: hexCode(code) }, counted),
        ),
      );
  const one = (labels: Labels, value: number): readonly Sample[] => [{ labels, value }];
  return [
    {
      ...{ kind: 'Gauge', name: 'peerchart_p2p_requests_tracked', labels: OF_MESSAGE },
      help: 'Requests of subprotocols that wait for an answer',
      read: read(({ pending }) => pending, one),
    },
    counter(
      'requests_lost',
      'Requests of subprotocols that were not answered in time',
      read(({ losses }) => losses, one),
      OF_MESSAGE,
    ),
    counter(
      'answers_stale',
      'Answers of subprotocols to no request that waits',
      read(({ staleAnswers }) => staleAnswers, one),
      OF_MESSAGE,
    ),
    {
      ...{ kind: 'Histogram', name: 'peerchart_p2p_request_wait_seconds', labels: OF_MESSAGE },
      help: 'Time from a request of a subprotocol to its answer',
      read: read(({ waits }) => waits, timeSamples),
    },
  ];
}

/** What each version of discovery sent, received and dropped since its socket was bound. */
function discoveryFamilies(discovery: MetricsSource['discovery']): readonly Family[] {
  const read = (samplesOf: (labels: Labels, table: AnyTable) => readonly Sample[]) => () =>
    Object.entries(discovery()).flatMap(([version, table]) =>
      table ? samplesOf({ version }, table) : [],
    );
  const counted = (samplesOf: (labels: Labels, stats: AnyStats) => readonly Sample[]) =>
    read((labels, table) => {
      const stats = table.stats();
      return stats ? samplesOf(labels, stats) : [];
    });
  const packets = (way: 'received' | 'sent', help: string): readonly Family[] => [
    counter(
      `discovery_${way}_packets`,
      `Valid packets of discovery ${help}, by type`,
      counted((labels, { [way]: types }) => byLabel('type', Object.entries(types), labels)),
      ['version', 'type'],
    ),
    counter(
      `discovery_${way}_bytes`,
      `Bytes of the datagrams of discovery ${help}`,
      counted((labels, stats) => [{ labels, value: stats[`${way}Bytes`] }]),
      ['version'],
    ),
  ];
  return [
    {
      ...{ kind: 'Gauge', name: 'peerchart_p2p_discovery_nodes', labels: ['version'] },
      help: 'Nodes in the table of discovery',
      read: read((labels, table) => [{ labels, value: table.nodes().length }]),
    },
    ...packets('received', 'received'),
    ...packets('sent', 'sent'),
    counter(
      'discovery_dropped_datagrams',
      'Datagrams of discovery that led to nothing, by reason',
      counted((labels, { refused }) => byLabel('reason', Object.entries(refused), labels)),
      ['version', 'reason'],
    ),
  ];
}

const only = (value: number): readonly Sample[] => [{ labels: {}, value }];

/** A sample for each entry, whose key is the label `name`. */
const byLabel = (
  name: string,
  counts: Iterable<readonly [key: string, count: number | undefined]>,
  others: Labels = {},
): readonly Sample[] =>
  [...counts].map(([key, value = 0]) => ({ labels: { ...others, [name]: key }, value }));

function byDirection(name: string, help: string, directions: () => readonly Direction[]): Family {
  return {
    ...{ kind: 'Gauge', name: `peerchart_p2p_${name}`, labels: ['direction'] },
    help: `${help}, by direction`,
    read: () =>
      DIRECTIONS.map((side) => ({
        labels: { direction: side },
        value: directions().filter(isOf(side)).length,
      })),
  };
}

function held(which: keyof Budgets, help: string, budgets: Budgets): Family {
  return {
    kind: 'Gauge',
    name: `peerchart_p2p_${which}_bytes`,
    help: `${help}, over all peers`,
    labels: [],
    read: () => only(budgets[which].heldBytes),
  };
}

function counter(
  name: string,
  help: string,
  read: Family['read'],
  labels: readonly string[] = [],
): Family {
  return { kind: 'Counter', name: `peerchart_p2p_${name}_total`, help, labels, read };
}

/** As go-ethereum writes message codes. */
const hexCode = (code: CountedCode): string =>
  code === 'other' ? code : `0x${code.toString(16).padStart(2, '0')}`;
