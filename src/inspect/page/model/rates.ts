/** Current rates of events and transitions: exponential moving averages. */
import type { Transition } from './entities.ts';

/** Half-life of the average, in ms. */
const HALF_LIFE_MS = 1_500;
/** Lower rates count as 0, in events a second. */
const LEAST_RATE = 0.02;
/** Points of the sparkline. */
const MAX_HISTORY = 60;
/** Time between two points of the history, in ms. */
const HISTORY_STEP_MS = 500;

export class Rates {
  /** Events of all actors a second. */
  events = 0;
  /** The same over time, oldest first. */
  readonly history: number[] = [];
  readonly #rates = new Map<Transition, number>();
  readonly #added = new Map<Transition, number>();
  #sinceHistory = 0;

  /** Transitions a second. */
  of(transition: Transition): number {
    return this.#rates.get(transition) ?? 0;
  }

  /** Counts transitions since the last call of `passed`. */
  add(transition: Transition, times: number): void {
    this.#added.set(transition, (this.#added.get(transition) ?? 0) + times);
  }

  /** Updates all rates after this many ms, with this many events. */
  passed(ms: number, events: number): void {
    if (ms <= 0) return;
    const kept = 0.5 ** (ms / HALF_LIFE_MS);
    const mix = (old: number, count: number) => old * kept + ((count * 1_000) / ms) * (1 - kept);
    this.events = mix(this.events, events);
    for (const [transition, rate] of this.#rates) {
      const next = mix(rate, this.#added.get(transition) ?? 0);
      if (next < LEAST_RATE) this.#rates.delete(transition);
      else this.#rates.set(transition, next);
      this.#added.delete(transition);
    }
    for (const [transition, times] of this.#added) this.#rates.set(transition, mix(0, times));
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
    this.#rates.clear();
    this.#added.clear();
    this.#sinceHistory = 0;
  }
}
