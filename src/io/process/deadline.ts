/**
 * A time limit for a remote or a handler. When its timer fires late, this process was blocked: what would have met the
 * deadline may be unread in a socket, so one more wait of full length follows.
 */
import type { Clock } from './clock.ts';

/** A timer this late, in ms, was delayed by more than a busy turn of the event loop. Ours. */
export const LATE_MS = 1_000;

export class Deadline {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onDue: () => void;
  #timer: unknown = null;

  /** @param limitMs The whole wait. */
  constructor(clock: Clock, limitMs: number, onDue: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onDue = onDue;
  }

  get isArmed(): boolean {
    return this.#timer !== null;
  }

  /** Starts the wait; replaces an earlier one. */
  arm(ms = this.#limitMs): void {
    const dueAt = this.#clock.now() + ms;
    this.#set(ms, () => {
      if (this.#clock.now() - dueAt > LATE_MS) this.#set(this.#limitMs, this.#onDue);
      else this.#onDue();
    });
  }

  disarm(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #set(ms: number, run: () => void): void {
    this.disarm();
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      run();
    }, ms);
  }
}
