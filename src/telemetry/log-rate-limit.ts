/** Limits the log lines that remotes can cause: per source, and for all sources together (P16). */
import type { Clock } from '../io/process/clock.ts';
import { TokenBucket } from '../io/process/token-bucket.ts';

/** Lines of one source at once, and in a minute. Source: security limits, "Peer-caused log lines". */
export const LINES_PER_SOURCE = 10;

/** Lines of all sources at once, and in a second. Source: security limits, "Peer-caused log lines". */
export const LINES_PER_SECOND = 100;

/** Sources with a limit of their own; the least recently seen is forgotten first. Ours. */
export const MAX_SOURCES = 1024;

/** Time between two reports of suppressed lines, in ms. Ours. */
export const SUPPRESSED_REPORT_MS = 10_000;

export class LogRateLimit {
  readonly #clock: Clock;
  readonly #all: TokenBucket;
  /** At most MAX_SOURCES. */
  readonly #sources = new Map<string, TokenBucket>();
  #suppressed = 0;
  #reportedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new TokenBucket({ clock, size: LINES_PER_SECOND, perSecond: LINES_PER_SECOND });
    this.#reportedAt = clock.now();
  }

  /** Whether a line of this source may be written; one that may not is counted. */
  admits(source: string): boolean {
    if (this.#bucketOf(source).take() && this.#all.take()) return true;
    this.#suppressed += 1;
    return false;
  }

  /** Lines suppressed since the last report, once a report is due; 0 otherwise. */
  due(): number {
    const isDue = this.#clock.now() - this.#reportedAt >= SUPPRESSED_REPORT_MS;
    return isDue ? this.rest() : 0;
  }

  /** Lines suppressed since the last report, due or not. */
  rest(): number {
    const count = this.#suppressed;
    this.#suppressed = 0;
    if (count > 0) this.#reportedAt = this.#clock.now();
    return count;
  }

  #bucketOf(source: string): TokenBucket {
    const known = this.#sources.get(source);
    const bucket = known ?? this.#newBucket();
    this.#sources.delete(source);
    this.#sources.set(source, bucket); // the most recently seen source is forgotten last
    return bucket;
  }

  #newBucket(): TokenBucket {
    const [oldest] = this.#sources.keys();
    if (oldest !== undefined && this.#sources.size >= MAX_SOURCES) this.#sources.delete(oldest);
    const clock = this.#clock;
    return new TokenBucket({ clock, size: LINES_PER_SOURCE, perSecond: LINES_PER_SOURCE / 60 });
  }
}
