/** The clock of one node: it runs with the world's clock and can jump ahead of it. */
import type { Clock } from '../../io/process/clock.ts';

type Waiting = { readonly at: number; readonly fire: () => void; worldTimer: unknown };

export class NodeClock implements Clock {
  readonly #world: Clock;
  #aheadMs = 0;
  /** In the order in which they were set. */
  readonly #waiting = new Set<Waiting>();

  constructor(world: Clock) {
    this.#world = world;
  }

  now = (): number => this.#world.now() + this.#aheadMs;

  setTimeout = (run: () => void, ms: number): unknown => {
    const fire = (): void => {
      this.#waiting.delete(waiting);
      run();
    };
    const worldTimer = this.#world.setTimeout(fire, ms);
    const waiting: Waiting = { at: this.now() + Math.max(0, ms), fire, worldTimer };
    this.#waiting.add(waiting);
    return waiting;
  };

  clearTimeout = (timer: unknown): void => {
    const waiting = timer as Waiting;
    if (this.#waiting.delete(waiting)) this.#world.clearTimeout(waiting.worldTimer);
  };

  /** Number of this node's timers that have not fired. */
  get pending(): number {
    return this.#waiting.size;
  }

  /**
   * Moves this node's time ahead by `ms` at once, as after a suspend. Timers that became due meanwhile fire late, in the
   * order in which they were due.
   */
  leap(ms: number): void {
    this.#aheadMs += Math.max(0, ms);
    const now = this.now();
    const inOrder = [...this.#waiting].sort((a, b) => a.at - b.at);
    for (const waiting of inOrder) {
      this.#world.clearTimeout(waiting.worldTimer);
      waiting.worldTimer = this.#world.setTimeout(waiting.fire, waiting.at - now);
    }
  }
}
