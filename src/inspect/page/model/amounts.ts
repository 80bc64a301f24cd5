/** Texts for unknown amounts, remaining time, long ids and times of day. */
import { amount, bytes } from './durations.ts';

/** An unknown value. */
export const UNKNOWN = '–';

export const count = (known: number | null): string => (known === null ? UNKNOWN : amount(known));

export const traffic = (known: number | null): string => (known === null ? UNKNOWN : bytes(known));

/** Such as `12 s` or `1:05`: rounded up to seconds, because 0 would mean now. */
export function countdown(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `${minutes}:${String(rest).padStart(2, '0')}`;
}

/** The start of a node id. */
export const shortId = (id: string): string =>
  id === '' ? UNKNOWN : id.length > 12 ? `${id.slice(0, 8)}…` : id;

const CLOCK: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
};

/** ms since 1970 as `14:03:07`, in the time zone of the reader unless one is given. */
export const clock = (at: number, timeZone?: string): string =>
  Number.isFinite(at)
    ? new Intl.DateTimeFormat('en-GB', { ...CLOCK, ...(timeZone ? { timeZone } : {}) }).format(at)
    : '';
