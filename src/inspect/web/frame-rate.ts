/** How many frames a second there are: fewer while the process has more important things to do. */
import type { Clock } from '../../io/process/clock.ts';
import type { LoopDelay } from './loop-delay.ts';

/** Frames a second, from a quiet process to a busy one. */
export const FRAME_RATES = [10, 5, 2, 1] as const;

/** p99 of the delay of the event loop from which on there are fewer, in ms. Ours, as measured for the design. */
export const BUSY_MS = 50;

/** And below which there are more again: what we save must not bring us back at once. */
export const CALM_MS = 25;

/** How long is looked before each decision, in ms. */
const WINDOW_MS = 1_000;

export class FrameRate {
  readonly #clock: Clock;
  readonly #loopDelay: LoopDelay;
  #place = 0;
  #lookedAt = 0;
  #delay = 0;

  constructor(clock: Clock, loopDelay: LoopDelay) {
    this.#clock = clock;
    this.#loopDelay = loopDelay;
  }

  get hz(): number {
    return FRAME_RATES[this.#place]!;
  }

  /** p99 of the last second, in ms; 0 while nobody looks. */
  get delay(): number {
    return this.#delay;
  }

  start(): void {
    this.#place = 0;
    this.#lookedAt = this.#clock.now();
    this.#loopDelay.start();
  }

  stop(): void {
    this.#loopDelay.stop();
    this.#delay = 0;
  }

  /** Called for each frame. */
  update(): void {
    const now = this.#clock.now();
    if (now - this.#lookedAt < WINDOW_MS) return;
    this.#lookedAt = now;
    this.#delay = this.#loopDelay.take();
    if (this.#delay > BUSY_MS) this.#place = Math.min(this.#place + 1, FRAME_RATES.length - 1);
    else if (this.#delay < CALM_MS) this.#place = Math.max(this.#place - 1, 0);
  }
}
