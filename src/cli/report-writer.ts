/** Writes reports to a stream, one per line, with bounds for a slow reader and for lines that remotes cause. */
import type { Writable } from 'node:stream';

import type { Clock } from '../io/process/clock.ts';
import { TokenBucket } from '../io/process/token-bucket.ts';
import type { RunReport } from './report.ts';

/** Bytes that may wait for the reader; reports beyond that are dropped and counted. Ours. */
export const MAX_UNREAD_BYTES = 1024 * 1024;

/** Lines for people that remotes can cause at once, and per second (P16). */
export const MAX_LINES_PER_SECOND = 100;

export type ReportWriterOptions = {
  readonly stream: Writable;
  /** Null for a report without a line. */
  readonly format: (report: RunReport) => string | null;
  /** Infinity for JSON, which must be complete. */
  readonly linesPerSecond: number;
  readonly clock: Clock;
};

export class ReportWriter {
  readonly #options: ReportWriterOptions;
  readonly #lines: TokenBucket;
  #lost = 0;

  constructor(options: ReportWriterOptions) {
    this.#options = options;
    const { clock, linesPerSecond } = options;
    this.#lines = new TokenBucket({ clock, size: linesPerSecond, perSecond: linesPerSecond });
  }

  write(report: RunReport): void {
    const { stream, format } = this.#options;
    if (!stream.writable) return;
    const line = format(report);
    if (line === null) return;
    if (!NEVER_LIMITED.has(report.type) && !this.#hasRoom()) {
      this.#lost += 1;
      return;
    }
    if (this.#lost > 0) stream.write(`${format({ type: 'reports.lost', count: this.#lost })}\n`);
    this.#lost = 0;
    stream.write(`${line}\n`);
  }

  #hasRoom(): boolean {
    return this.#options.stream.writableLength <= MAX_UNREAD_BYTES && this.#lines.take();
  }
}

/** Remotes cannot cause these, or not often. */
const NEVER_LIMITED = new Set<RunReport['type']>([
  'started',
  'inspect.link',
  'part.lost',
  'part.restored',
  'stopping',
  'stopped',
]);
