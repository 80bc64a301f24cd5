/** Adds the time of day to what commands report: `time` in JSON, in ISO 8601, and the clock of this computer in lines. */
import type { Clock } from '../io/process/clock.ts';
import { timeOfDay } from '../io/process/wall-time.ts';
import { printableJson } from '../io/wire/printable.ts';
import { coloured, type Paint, plain, runLine } from './human-line.ts';
import type { RunReport } from './report.ts';
import { MAX_LINES_PER_SECOND, ReportWriter } from './report-writer.ts';
import type { Terminal } from './terminal.ts';

/** A report with the time at which it is written. */
export const timedJson = (report: object, { wallTime }: Pick<Terminal, 'wallTime'>): string =>
  printableJson({ time: wallTime(), ...report });

/** `lines` begin with the time. */
export const timedLines = (
  lines: (paint: Paint) => string,
  { hasColours, wallTime }: Pick<Terminal, 'hasColours' | 'wallTime'>,
): string => {
  const paint = hasColours ? coloured : plain;
  return `${paint('dim', timeOfDay(wallTime()))} ${lines(paint)}`;
};

/** For `run` and `demo`. */
export function reportWriter(
  { json }: { readonly json?: boolean },
  terminal: Terminal,
  clock: Clock,
): ReportWriter {
  return new ReportWriter({
    stream: terminal.stdout,
    format: json
      ? (report) => timedJson(report, terminal)
      : (report) => timedLine(report, terminal),
    linesPerSecond: json ? Number.POSITIVE_INFINITY : MAX_LINES_PER_SECOND,
    clock,
  });
}

function timedLine(report: RunReport, terminal: Terminal): string | null {
  const line = runLine(report, terminal.hasColours ? coloured : plain);
  return line === null ? null : timedLines(() => line, terminal);
}
