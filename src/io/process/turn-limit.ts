/**
 * Limits what one link does in one turn of the event loop, so that timers and other links have theirs. The same limit
 * serves reading and sending: a stream that is always ready would otherwise never let the loop go on.
 */
import { setImmediate } from 'node:timers';

import type { Clock } from './clock.ts';

/** Messages one link reads or sends in one turn. Source: reth, receive budget. */
export const TURN_MESSAGES = 16;

/** Longest time one link reads or sends in one turn, in ms. Source: security limits, "Messages per turn". */
export const TURN_MS = 5;

export class TurnLimit {
  readonly #clock: Clock;
  readonly #onNext: () => void;
  /** Set while a turn runs. */
  #next: NodeJS.Immediate | null = null;
  #startedAt = 0;
  #messages = 0;

  /** @param onNext Called in the turn after each one that was started. */
  constructor(clock: Clock, onNext: () => void) {
    this.#clock = clock;
    this.#onNext = onNext;
  }

  /** Starts a turn, unless one runs. */
  start(): void {
    if (this.#next) return;
    this.#next = setImmediate(this.#end);
    this.#startedAt = this.#clock.now();
    this.#messages = 0;
  }

  count(): void {
    this.#messages += 1;
  }

  /** The limit of the running turn is reached: go on in `onNext`. */
  get isOver(): boolean {
    if (!this.#next) return false;
    return this.#messages >= TURN_MESSAGES || this.#clock.now() - this.#startedAt > TURN_MS;
  }

  /** Ends the turn without `onNext`. */
  cancel(): void {
    if (this.#next) clearImmediate(this.#next);
    this.#next = null;
  }

  readonly #end = (): void => {
    this.#next = null;
    this.#onNext();
  };
}
