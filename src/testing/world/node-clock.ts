/** The clock of one node in a world: it runs with the clock of the world, and can leap ahead of it on its own. */
import type { Clock } from '../../io/process/clock.ts';

type Waiting = { readonly at: number; readonly fire: () => void; worldTimer: unknown };

export class NodeClock implements Clock {
  readonly #world: Clock;
  #aheadMs = 0;
  /** In the order of arming. */
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

  /** Timers of this node that wait. */
  get pending(): number {
    return this.#waiting.size;
  }

  /**
   * This node finds that `ms` have passed at once, as after a suspend: whatever was due meanwhile is late now, and
   * runs in the order in which it was due.
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
