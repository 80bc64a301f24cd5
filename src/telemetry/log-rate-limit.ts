/** How many log lines others can make us write: a few for each of them, and not too many for all (P16). */
import type { Clock } from '../io/process/clock.ts';
import { TokenBucket } from '../io/process/token-bucket.ts';

/** Lines of one source at once, and in a minute. Source: security limits, "Peer-caused log lines". */
export const LINES_PER_SOURCE = 10;

/** Lines of all sources at once, and in a second. Source: security limits, "Peer-caused log lines". */
export const LINES_PER_SECOND = 100;

/** Sources that are remembered; who was not heard for longest is forgotten first. Ours. */
export const MAX_SOURCES = 1024;

/** Between two reports of what was held back, in ms. Ours. */
export const HELD_BACK_REPORT_MS = 10_000;

export class FloodLimit {
  readonly #clock: Clock;
  readonly #all: TokenBucket;
  /** At most MAX_SOURCES. */
  readonly #sources = new Map<string, TokenBucket>();
  #heldBack = 0;
  #reportedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new TokenBucket({ clock, size: LINES_PER_SECOND, perSecond: LINES_PER_SECOND });
    this.#reportedAt = clock.now();
  }

  /** Whether a line of this source may be written; if not, it is counted. */
  admits(source: string): boolean {
    if (this.#bucketOf(source).take() && this.#all.take()) return true;
    this.#heldBack += 1;
    return false;
  }

  /** How many lines were held back since the last report, once one is due; 0 while there is nothing to report. */
  due(): number {
    const isDue = this.#clock.now() - this.#reportedAt >= HELD_BACK_REPORT_MS;
    return isDue ? this.rest() : 0;
  }

  /** The same, due or not. */
  rest(): number {
    const count = this.#heldBack;
    this.#heldBack = 0;
    if (count > 0) this.#reportedAt = this.#clock.now();
    return count;
  }

  #bucketOf(source: string): TokenBucket {
    const known = this.#sources.get(source);
    const bucket = known ?? this.#newBucket();
    this.#sources.delete(source);
    this.#sources.set(source, bucket); // the last one heard is the last one forgotten
    return bucket;
  }

  #newBucket(): TokenBucket {
    const [oldest] = this.#sources.keys();
    if (oldest !== undefined && this.#sources.size >= MAX_SOURCES) this.#sources.delete(oldest);
    const clock = this.#clock;
    return new TokenBucket({ clock, size: LINES_PER_SOURCE, perSecond: LINES_PER_SOURCE / 60 });
  }
}
