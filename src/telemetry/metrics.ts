/**
 * The Prometheus metrics of a server; docs/metrics.md lists go-ethereum's name for each. Values are read from their
 * sources when they are scraped, so that they cannot drift.
 */
import { createRequire } from 'node:module';
import type { MetricsRegistry } from '../api/options.ts';
import type { Tally, Traffic } from '../io/link/traffic.ts';
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
  /** Whether the server has stopped: then another server may use its registry. */
  readonly isOver: () => boolean;
};

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
    for (const { kind, name, help, labels, read } of families)
      new (prometheus()[kind])({
        name,
        help,
        labelNames: labels,
        registers: [registry],
        collect() {
          this.reset();
          for (const [values, value] of read()) this.inc(values, value);
        },
      });
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

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

type Family = {
  readonly kind: 'Counter' | 'Gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: () => readonly Sample[];
};

const familiesOf = (
  { peers, pending, traffic, budgets }: MetricsSource,
  tallies: ConnectionCounters,
): readonly Family[] => [
  gauge('peers', 'Peers', () => peers().map(({ direction }) => direction)),
  gauge('pending_connections', 'Connections being set up', pending),
  held('received', 'Received bytes that wait for handlers or are reserved for them', budgets),
  held('unsent', 'Bytes that wait to be sent', budgets),
  ...connections('inbound', 'serve', 'Inbound connections', tallies),
  ...connections('outbound', 'dial', 'Dials', tallies),
  counter(
    'disconnects',
    'Peers that ended: rejected by us, refused by them, or failed; and why',
    () =>
      Object.entries(tallies.disconnects).flatMap(([outcome, counts]) =>
        [...counts].map(([reason, count]): Sample => [{ outcome, reason }, count]),
      ),
    ['outcome', 'reason'],
  ),
  ...bytes('ingress', 'received', traffic),
  ...bytes('egress', 'sent', traffic),
];

/** Successes and errors of the connections of one direction. */
function connections(side: Side, one: 'serve' | 'dial', what: string, tallies: ConnectionCounters) {
  return [
    counter(`${one}s`, `${what}, in setup and ended`, () => [[{}, tallies.attempts(side)]]),
    counter(`${one}_successes`, `${what} that became peers`, () => [[{}, tallies.successes[side]]]),
    counter(`${one}_successes_1min`, `${what} that were peers for a minute or more`, () => [
      [{}, tallies.lasting(side)],
    ]),
    counter(
      `${one}_errors`,
      `${what} that did not become peers, by reason`,
      () => [...tallies.errors[side]].map(([reason, count]) => [{ reason }, count]),
      ['reason'],
    ),
  ];
}

/** Bytes and messages in one direction of traffic. */
function bytes(way: 'ingress' | 'egress', done: string, traffic: Traffic) {
  const perMessage = (what: keyof Tally) => (): Sample[] =>
    [...traffic.protocols.values()].flatMap(({ name, version, [way]: tallies }) =>
      [...tallies].map(([code, tally]): Sample => {
        const labels = { protocol: name, version: String(version), code: hexCode(code) };
        return [labels, tally[what]];
      }),
    );
  const labels = ['protocol', 'version', 'code'];
  const help = `of subprotocols ${done}`;
  return [
    counter(`${way}_bytes`, `Bytes ${done} on sockets, handshakes included`, () => [
      [{}, traffic.stream[way]],
    ]),
    counter(`${way}_message_bytes`, `Compressed bytes ${help}`, perMessage('bytes'), labels),
    counter(`${way}_messages`, `Messages ${help}`, perMessage('messages'), labels),
  ];
}

function gauge(name: string, help: string, directions: () => readonly Direction[]): Family {
  return {
    kind: 'Gauge',
    name: `peerchart_p2p_${name}`,
    help: `${help}, by direction`,
    labels: ['direction'],
    read: () =>
      DIRECTIONS.map((side) => [{ direction: side }, directions().filter(isOf(side)).length]),
  };
}

function held(which: keyof Budgets, help: string, budgets: Budgets): Family {
  return {
    kind: 'Gauge',
    name: `peerchart_p2p_${which}_bytes`,
    help: `${help}, over all peers`,
    labels: [],
    read: () => [[{}, budgets[which].heldBytes]],
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
const hexCode = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`;
