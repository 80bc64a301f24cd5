/** Time that stands still until somebody moves it, and then runs timers one by one in their order. Nothing here waits. */
import type { Clock } from '../../io/process/clock.ts';

type Timer = { readonly at: number; readonly order: number; run: (() => void) | null };

/** Cancelled timers stay in the heap until there are this many, and more of them than of the others. */
const MAX_CANCELLED = 64;

export class VirtualClock implements Clock {
  #now = 0;
  #armed = 0;
  #pending = 0;
  /** A binary heap: each timer is due no later than the two below it. */
  #heap: Timer[] = [];

  now = (): number => this.#now;

  /** @throws {RangeError} `ms` is no number: a delay that was computed from nothing. */
  setTimeout = (run: () => void, ms: number): unknown => {
    if (Number.isNaN(Number(ms))) throw new RangeError(`"ms" expected a number, got ${ms}`);
    this.#armed += 1;
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#armed, run };
    this.#pending += 1;
    this.#rise(timer);
    return timer;
  };

  clearTimeout = (timer: unknown): void => {
    if (!isTimer(timer) || timer.run === null) return;
    timer.run = null;
    this.#pending -= 1;
    const cancelled = this.#heap.length - this.#pending;
    if (cancelled > Math.max(MAX_CANCELLED, this.#pending)) this.#sweep();
  };

  /** Timers that wait. Zero means that nothing was left behind. */
  get pending(): number {
    return this.#pending;
  }

  /** When the next timer is due; null without one. It may be past already, after a jump. */
  get nextAt(): number | null {
    while (this.#heap[0]?.run === null) this.#sink();
    return this.#heap[0]?.at ?? null;
  }

  /** Moves on to the next timer and runs it; of those due together, the one that was armed first. */
  fireNext(): void {
    if (this.nextAt === null) return;
    const timer = this.#heap[0]!;
    this.#sink();
    const { at, run } = timer;
    timer.run = null; // clearing it later changes nothing
    this.#pending -= 1;
    this.#now = Math.max(this.#now, at);
    run?.();
  }

  /** Moves on by `ms`; a timer that is armed on the way runs as well when its time comes. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let at = this.nextAt; at !== null && at <= end; at = this.nextAt) this.fireNext();
    this.leap(end - this.#now);
  }

  /** Moves on by `ms` and runs nothing, as a machine that was suspended: what was due meanwhile is late. */
  leap(ms: number): void {
    this.#now += Math.max(0, ms);
  }

  #rise(timer: Timer): void {
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

  /** Takes the first one out. */
  #sink(): void {
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

  #sweep(): void {
    const waiting = this.#heap.filter(({ run }) => run !== null);
    this.#heap = [];
    for (const timer of waiting) this.#rise(timer);
  }
}

const isBefore = (a: Timer, b: Timer): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

const isTimer = (value: unknown): value is Timer =>
  typeof value === 'object' && value !== null && 'run' in value;
