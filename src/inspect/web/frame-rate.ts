/** Frames a second: fewer while the event loop is busy. */
import type { Clock } from '../../io/process/clock.ts';
import type { LoopDelay } from './loop-delay.ts';

/** Frames a second, from an idle event loop to a busy one. */
const FRAME_RATES = [10, 5, 2, 1] as const;

/** Event loop delay above which the rate goes down, p99 in ms. Ours, measured. */
export const BUSY_MS = 50;

/** Below which it goes up again, in ms. Lower than `BUSY_MS`, so that the saved work does not raise it at once. */
export const CALM_MS = 25;

/** Time between two decisions, in ms. */
const WINDOW_MS = 1_000;

export class FrameRate {
  readonly #clock: Clock;
  readonly #loopDelay: LoopDelay;
  #level = 0;
  #decidedAt = 0;
  #delay = 0;

  constructor(clock: Clock, loopDelay: LoopDelay) {
    this.#clock = clock;
    this.#loopDelay = loopDelay;
  }

  get hz(): number {
    return FRAME_RATES[this.#level]!;
  }

  /** p99 of the last second, in ms; 0 while it is stopped. */
  get delay(): number {
    return this.#delay;
  }

  start(): void {
    this.#level = 0;
    this.#decidedAt = this.#clock.now();
    this.#loopDelay.start();
  }

  stop(): void {
    this.#loopDelay.stop();
    this.#delay = 0;
  }

  /** Called for each frame. */
  update(): void {
    const now = this.#clock.now();
    if (now - this.#decidedAt < WINDOW_MS) return;
    this.#decidedAt = now;
    this.#delay = this.#loopDelay.take();
    if (this.#delay > BUSY_MS) this.#level = Math.min(this.#level + 1, FRAME_RATES.length - 1);
    else if (this.#delay < CALM_MS) this.#level = Math.max(this.#level - 1, 0);
  }
}
