/** A token bucket: limits how often a remote can make us do something. */
import type { Clock } from './clock.ts';

export type TokenBucketOptions = {
  readonly clock: Clock;
  /** Tokens when full. */
  readonly size: number;
  /** Tokens added each second. */
  readonly perSecond: number;
};

export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #left: number;
  #countedAt: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#left = options.size;
    this.#countedAt = options.clock.now();
  }

  /** Takes one token. @returns False when there is none. */
  take(): boolean {
    if (!this.hasLeft()) return false;
    this.#left -= 1;
    return true;
  }

  /** Whether there is a token. */
  hasLeft(): boolean {
    const { clock, size, perSecond } = this.#options;
    const now = clock.now();
    if (now > this.#countedAt)
      this.#left = Math.min(size, this.#left + ((now - this.#countedAt) / 1000) * perSecond);
    this.#countedAt = now;
    return this.#left >= 1;
  }
}
