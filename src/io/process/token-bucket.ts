/** So many at once, and so many more each second: how others are kept from making us do too much of something. */
import type { Clock } from './clock.ts';

export type TokenBucketOptions = {
  readonly clock: Clock;
  /** At once, after a rest. */
  readonly size: number;
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

  /** @returns whether there was one to take. */
  take(): boolean {
    const { clock, size, perSecond } = this.#options;
    const now = clock.now();
    if (now > this.#countedAt)
      this.#left = Math.min(size, this.#left + ((now - this.#countedAt) / 1000) * perSecond);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
