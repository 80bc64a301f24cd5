/** A clock that moves only when a test advances it, and then fires timers one by one in their order. */
import type { Clock } from '../../src/io/process/clock.ts';

type Timer = { readonly at: number; readonly run: () => void };

export class StepClock implements Clock {
  #now = 0;
  #ids = 0;
  readonly #timers = new Map<number, Timer>();

  now = (): number => this.#now;

  setTimeout = (run: () => void, ms: number): number => {
    this.#ids += 1;
    this.#timers.set(this.#ids, { at: this.#now + Math.max(0, ms), run });
    return this.#ids;
  };

  clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as number);
  };

  /** Timers that wait. Zero means that nothing was left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`; a timer that is armed on the way fires as well when its time comes. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      const [id, { at, run }] = next;
      this.#timers.delete(id);
      this.#now = at;
      run();
    }
    this.#now = end;
  }

  #next(end: number): [number, Timer] | undefined {
    let earliest: [number, Timer] | undefined;
    for (const entry of this.#timers)
      if (entry[1].at <= end && (!earliest || entry[1].at < earliest[1].at)) earliest = entry;
    return earliest;
  }
}
