/**
 * What the diagnosis and the table of dials need of the past, and the charts do not keep: the latest result and address
 * of each node, the latest endings and calls, and how the last start went.
 */
import type { ServerEvents } from '../../api/server-events.ts';
import type { NodeFacts, PastResult } from '../../explain/diagnosis.ts';
import { CONNECTED, type DialResult, dialResult } from '../../explain/dial-result.ts';
import type { Clock } from '../../io/process/clock.ts';
import { formatEndpoint } from '../../io/wire/endpoint.ts';
import type { DialTarget } from '../../machines/dialing/dial-task.ts';
import type { ObservedServer } from '../../server/observation.ts';
import { remoteOf } from './projection.ts';

/** Nodes of which the latest result and address are kept: twice the most static nodes. */
const MAX_NODES = 2_000;

/** Endings that are kept, and for how long, in ms. */
const MAX_ENDINGS = 20;
const ENDINGS_MS = 300_000;

/** Length of "in the last minute", in parts of a second each. */
const MINUTE_SECONDS = 60;

/** Ends that say nothing about why there are no peers. */
const ASKED_FOR = new Set([
  'rejected.serverStopped',
  'rejected.nodeRemoved',
  'rejected.alreadyConnected',
  'refused.alreadyConnected',
  'failed.aborted',
  'failed.replaced',
  'ending.rejected.requested',
  'ending.rejected.clientQuitting',
  'ending.rejected.churned',
]);

type Past = { readonly result: DialResult; readonly at: number };

export type NodeHistorySource = {
  readonly server: Pick<ObservedServer, 'actor' | 'peers' | 'on'>;
  readonly clock: Clock;
};

export class NodeHistory {
  readonly #clock: Clock;
  readonly #ends: readonly (() => void)[];
  /** By node id, the oldest first; at most `MAX_NODES`. */
  readonly #results = new Map<string, Past>();
  readonly #addresses = new Map<string, string>();
  #lastDial: Past | null = null;
  /** The end of the latest connection that we dialled, which its failed dial repeats as `setupFailed`. */
  #lastSetup: { readonly remote: string; readonly result: DialResult } | null = null;
  /** At most `MAX_ENDINGS`. */
  readonly #endings: { readonly state: string; readonly at: number }[] = [];
  readonly #turnedAwayFull;
  #inboundCalls = 0;
  #startedAt: number;
  #startFailure: NodeFacts['startFailure'] = null;

  constructor({ server, clock }: NodeHistorySource) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#turnedAwayFull = new LastMinute(clock);
    const { actor } = server;
    const subscriptions = [
      actor.on('started', () => {
        this.#startedAt = clock.now();
        this.#startFailure = null;
      }),
      actor.on('start.failed', ({ step, message }) => {
        this.#startFailure = { step, message };
      }),
      actor.on('dial.wanted', ({ target }) => this.#noteAddress(target)),
    ];
    this.#ends = [
      ...subscriptions.map((subscription) => () => subscription.unsubscribe()),
      server.on('add', ({ peer }) => this.#onAdd(peer)),
      server.on('drop', (event) => this.#onDrop(event)),
      server.on('ended', (event) => this.#onEnded(event)),
      server.on('dialFailed', (event) => this.#onFailedDial(event)),
      server.on('turnedAway', ({ counts }) => {
        for (const count of Object.values(counts)) this.#inboundCalls += count;
      }),
    ];
    const { dial } = actor.getSnapshot().context.input;
    for (const target of dial.statics) this.#noteAddress(target);
    for (const peer of server.peers) {
      this.#onAdd(peer); // it was attached to a running server
      if (peer.direction !== 'inbound') keep(this.#addresses, peer.id, remoteOf(peer.remote));
    }
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  /** `host:port` at which the node was dialled last; empty if unknown. */
  addressOf(id: string): string {
    return this.#addresses.get(id) ?? '';
  }

  resultOf(id: string): PastResult | null {
    return this.#pastOf(this.#results.get(id) ?? null);
  }

  /** The facts of the diagnosis that are about the past. */
  facts(): Pick<
    NodeFacts,
    'startFailure' | 'runningMs' | 'inboundCalls' | 'lastDial' | 'recentEndings' | 'turnedAwayFull'
  > {
    const now = this.#clock.now();
    return {
      startFailure: this.#startFailure,
      runningMs: now - this.#startedAt,
      inboundCalls: this.#inboundCalls,
      lastDial: this.#pastOf(this.#lastDial),
      recentEndings: this.#endings
        .filter(({ at }) => now - at < ENDINGS_MS)
        .map(({ state }) => state),
      turnedAwayFull: this.#turnedAwayFull.count,
    };
  }

  #onAdd({ id, direction }: ServerEvents['add']['peer']): void {
    if (direction === 'inbound') this.#inboundCalls += 1;
    else this.#noteResult(id, CONNECTED);
  }

  #onDrop(event: { readonly type: 'drop' } & ServerEvents['drop']): void {
    this.#noteEnding(event.state);
    if (event.peer.direction !== 'inbound') this.#noteResult(event.peer.id, dialResult(event));
  }

  #onEnded(event: { readonly type: 'ended' } & ServerEvents['ended']): void {
    this.#noteEnding(event.state);
    if (event.direction !== 'inbound') {
      this.#lastSetup = { remote: formatEndpoint(event.remote), result: dialResult(event) };
      return;
    }
    this.#inboundCalls += 1;
    if (event.state === 'rejected.tooManyPeers') this.#turnedAwayFull.add();
  }

  #onFailedDial(event: { readonly type: 'dialFailed' } & ServerEvents['dialFailed']): void {
    const { target, address, state } = event;
    if (state === 'cancelled' || state === 'alreadyConnected') return;
    const setup = state === 'setupFailed' ? this.#lastSetup : null;
    const isItsSetup = setup?.remote === formatEndpoint(address);
    this.#noteAddress(target);
    this.#noteResult(target.id, isItsSetup ? setup.result : dialResult(event));
  }

  #noteResult(id: string, result: DialResult): void {
    this.#lastDial = { result, at: this.#clock.now() };
    keep(this.#results, id, this.#lastDial);
  }

  #noteAddress({ id, host, hostKind, tcpPort }: DialTarget): void {
    if (hostKind === 'none') return;
    keep(this.#addresses, id, remoteOf({ host, port: tcpPort }));
  }

  #noteEnding(state: string): void {
    if (ASKED_FOR.has(state)) return;
    this.#endings.push({ state, at: this.#clock.now() });
    if (this.#endings.length > MAX_ENDINGS) this.#endings.shift();
  }

  #pastOf(past: Past | null): PastResult | null {
    return past && { ...past.result, msAgo: Math.round(this.#clock.now() - past.at) };
  }
}

/** The newest last; the oldest is dropped. */
function keep<Value>(map: Map<string, Value>, id: string, value: Value): void {
  map.delete(id);
  map.set(id, value);
  if (map.size <= MAX_NODES) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

/** Counts what happened in the last 60 s, in one counter for each second. */
class LastMinute {
  readonly #clock: Clock;
  readonly #counts = new Array<number>(MINUTE_SECONDS).fill(0);
  /** Second of the last call. */
  #second: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#second = this.#now();
  }

  add(): void {
    this.#forget();
    this.#counts[this.#second % MINUTE_SECONDS]! += 1;
  }

  get count(): number {
    this.#forget();
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #now(): number {
    return Math.max(0, Math.floor(this.#clock.now() / 1_000));
  }

  #forget(): void {
    const now = this.#now();
    const passed = Math.min(now - this.#second, MINUTE_SECONDS);
    for (let step = 1; step <= passed; step += 1)
      this.#counts[(this.#second + step) % MINUTE_SECONDS] = 0;
    this.#second = now;
  }
}
