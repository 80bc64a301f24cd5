/** Puts reports on a stream, line by line. Neither a slow reader nor a loud stranger makes it hold more than a bound. */
import type { Writable } from 'node:stream';

import type { Clock } from '../io/process/clock.ts';
import { TokenBucket } from '../io/process/token-bucket.ts';
import type { RunReport } from './report.ts';

/** Bytes that may wait for whoever reads us; reports beyond are counted instead. Ours. */
export const MAX_UNREAD_BYTES = 1024 * 1024;

/** Lines that others can make us print at once for people, refilled at that many each second (P16). */
export const MAX_LINES_PER_SECOND = 100;

export type ReportWriterOptions = {
  readonly stream: Writable;
  /** Null for a report that needs no line. */
  readonly format: (report: RunReport) => string | null;
  /** Infinity for machines, which must hear everything. */
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
    if (!OURS.has(report.type) && !this.#hasRoom()) {
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

/** Others cannot cause these, or not often, so they always pass. */
const OURS = new Set<RunReport['type']>([
  'started',
  'inspect.link',
  'part.lost',
  'part.restored',
  'stopping',
  'stopped',
]);
