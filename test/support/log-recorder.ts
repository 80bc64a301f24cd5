/** A pino logger that keeps its lines. */
import { type Level, pino } from 'pino';

type Line = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

export function recorder(level: Level) {
  const lines: Line[] = [];
  const write = (line: string): void => {
    const { time, pid, hostname, ...rest } = JSON.parse(line);
    lines.push(rest);
  };
  return { lines, logger: pino({ level }, { write }), messages: () => lines.map(({ msg }) => msg) };
}
