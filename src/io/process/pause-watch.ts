/**
 * Notices from late timers that this process stood still, blocked or suspended. What others did meanwhile, such as
 * hanging up, is seen only afterwards.
 */
import type { Clock } from './clock.ts';
import { LATE_MS } from './deadline.ts';

export type Pause = {
  /** Its least length, in ms: it may have begun before the first timer was due. */
  readonly ms: number;
  /** Time since its end, in ms. */
  readonly agoMs: number;
};

export class PauseWatch {
  /** The given clock, with watched timers. */
  readonly clock: Clock;
  /** Times of the latest pause, in ms of the clock. */
  #latest: { readonly beganAt: number; readonly endedAt: number } | null = null;

  constructor(clock: Clock) {
    this.clock = {
      now: () => clock.now(),
      setTimeout: (run, ms) => {
        const dueAt = clock.now() + Math.max(0, ms);
        return clock.setTimeout(() => {
          this.#fired(dueAt, clock.now());
          run();
        }, ms);
      },
      clearTimeout: (timer) => clock.clearTimeout(timer),
    };
  }

  /** Null when no timer was ever late. */
  latest(): Pause | null {
    if (!this.#latest) return null;
    const { beganAt, endedAt } = this.#latest;
    return { ms: endedAt - beganAt, agoMs: this.clock.now() - endedAt };
  }

  #fired(dueAt: number, firedAt: number): void {
    if (firedAt - dueAt <= LATE_MS) return;
    const known = this.#latest;
    const isSamePause = known !== null && dueAt < known.endedAt;
    const beganAt = isSamePause ? Math.min(known.beganAt, dueAt) : dueAt;
    this.#latest = { beganAt, endedAt: firedAt };
  }
}
