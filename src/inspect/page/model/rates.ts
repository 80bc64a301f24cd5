/** How fast things happen now: an average that forgets. */
import type { Transition } from './entities.ts';

/** Half of what was seen is forgotten after so long, in ms. */
const HALF_LIFE_MS = 1_500;
/** A way that is taken more rarely than this counts as not taken, in events a second. */
const LEAST_RATE = 0.02;
/** Points of the sparkline. */
const MAX_HISTORY = 60;
/** The rate of one longer silence says nothing of its ends: the time between two points of the history, in ms. */
const HISTORY_STEP_MS = 500;

export class Rates {
  /** Events of all actors a second. */
  events = 0;
  /** The same over time, the latest last. */
  readonly history: number[] = [];
  readonly #ways = new Map<Transition, number>();
  readonly #added = new Map<Transition, number>();
  #sinceHistory = 0;

  /** How often a way is taken a second. */
  of(way: Transition): number {
    return this.#ways.get(way) ?? 0;
  }

  /** It was taken so often since `passed` was called last. */
  add(way: Transition, times: number): void {
    this.#added.set(way, (this.#added.get(way) ?? 0) + times);
  }

  /** So many ms went by, with so many events. */
  passed(ms: number, events: number): void {
    if (ms <= 0) return;
    const kept = 0.5 ** (ms / HALF_LIFE_MS);
    const mix = (old: number, count: number) => old * kept + ((count * 1_000) / ms) * (1 - kept);
    this.events = mix(this.events, events);
    for (const [way, rate] of this.#ways) {
      const next = mix(rate, this.#added.get(way) ?? 0);
      if (next < LEAST_RATE) this.#ways.delete(way);
      else this.#ways.set(way, next);
      this.#added.delete(way);
    }
    for (const [way, times] of this.#added) this.#ways.set(way, mix(0, times));
    this.#added.clear();
    this.#sinceHistory += ms;
    if (this.#sinceHistory < HISTORY_STEP_MS) return;
    this.#sinceHistory = 0;
    this.history.push(this.events);
    if (this.history.length > MAX_HISTORY) this.history.shift();
  }

  clear(): void {
    this.events = 0;
    this.history.length = 0;
    this.#ways.clear();
    this.#added.clear();
    this.#sinceHistory = 0;
  }
}
