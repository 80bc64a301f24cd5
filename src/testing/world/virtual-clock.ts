/** A clock that only advances when told to, and then runs the due timers in order. */
import type { Clock } from '../../io/process/clock.ts';

type Timer = { readonly at: number; readonly order: number; run: (() => void) | null };

/** Cancelled timers stay in the heap until they are more than this many and more than half of it. */
const MAX_CANCELLED = 64;

/** More timers than that, one after the other without time between them, are one that sets itself again without a delay. */
const MAX_AT_ONCE = 100_000;

export class VirtualClock implements Clock {
  #now = 0;
  /** Timers that ran since time passed. */
  #atOnce = 0;
  #count = 0;
  #pending = 0;
  /** A binary heap: each timer is due no later than its two children. */
  #heap: Timer[] = [];

  now = (): number => this.#now;

  /** @throws {RangeError} `ms` is not a number. */
  setTimeout = (run: () => void, ms: number): unknown => {
    if (Number.isNaN(Number(ms))) throw new RangeError(`"ms" expected a number, got ${ms}`);
    this.#count += 1;
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#count, run };
    this.#pending += 1;
    this.#insert(timer);
    return timer;
  };

  clearTimeout = (timer: unknown): void => {
    if (!isTimer(timer) || timer.run === null) return;
    timer.run = null;
    this.#pending -= 1;
    const cancelled = this.#heap.length - this.#pending;
    if (cancelled > Math.max(MAX_CANCELLED, this.#pending)) this.#removeCancelled();
  };

  /** Number of timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#pending;
  }

  /** Due time of the next timer in ms; null without one. In the past after `leap`. */
  get nextAt(): number | null {
    while (this.#heap[0]?.run === null) this.#removeFirst();
    return this.#heap[0]?.at ?? null;
  }

  /**
   * Advances to the next timer and runs it. Timers that are due together run in the order in which they were set.
   * @throws {Error} 100,000 ran while no time passed.
   */
  fireNext(): void {
    if (this.nextAt === null) return;
    this.#atOnce = this.nextAt > this.#now ? 0 : this.#atOnce + 1;
    if (this.#atOnce > MAX_AT_ONCE)
      throw new Error(`${MAX_AT_ONCE} timers ran at ${this.#now} ms, and time does not pass`);
    const timer = this.#heap[0]!;
    this.#removeFirst();
    const { at, run } = timer;
    timer.run = null; // a later clearTimeout does nothing
    this.#pending -= 1;
    this.#now = Math.max(this.#now, at);
    run?.();
  }

  /** Advances by `ms` and runs all timers that become due, also those set meanwhile. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let at = this.nextAt; at !== null && at <= end; at = this.nextAt) this.fireNext();
    this.leap(end - this.#now);
  }

  /** Advances by `ms` without running timers, as in a suspended process; due timers run late. */
  leap(ms: number): void {
    this.#now += Math.max(0, ms);
  }

  #insert(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(timer, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = timer;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      if (left >= heap.length) break;
      const next = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
      if (!isBefore(heap[next]!, last)) break;
      heap[index] = heap[next]!;
      index = next;
    }
    heap[index] = last;
  }

  #removeCancelled(): void {
    const waiting = this.#heap.filter(({ run }) => run !== null);
    this.#heap = [];
    for (const timer of waiting) this.#insert(timer);
  }
}

const isBefore = (a: Timer, b: Timer): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

const isTimer = (value: unknown): value is Timer =>
  typeof value === 'object' && value !== null && 'run' in value;
