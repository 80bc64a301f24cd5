/** Durations and large numbers in short form. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param ms Less than 0 counts as 0: the clocks of two computers differ. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 1) return '0 ms';
  if (Math.round(whole) < SECOND) return `${Math.round(whole)} ms`;
  if (whole < MINUTE) return `${Math.min(59.9, whole / SECOND).toFixed(1)} s`;
  if (whole < HOUR) return pair(whole, MINUTE, 'm', SECOND, 's');
  if (whole < DAY) return pair(whole, HOUR, 'h', MINUTE, 'm');
  return pair(whole, DAY, 'd', HOUR, 'h');
}

function pair(ms: number, unit: number, name: string, part: number, partName: string): string {
  const rest = Math.floor((ms % unit) / part);
  return `${Math.floor(ms / unit)} ${name}${rest === 0 ? '' : ` ${rest} ${partName}`}`;
}

/** With separators up to 9 999, then in thousands and millions. */
export function amount(count: number): string {
  if (count < 10_000) return Math.round(count).toLocaleString('en');
  if (count < 999_500) return `${Math.round(count / 1_000)} k`;
  return `${(count / 1_000_000).toFixed(1)} M`;
}

export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 999_500) return `${trimmed(count / 1_000)} kB`;
  if (count < 999_500_000) return `${trimmed(count / 1_000_000)} MB`;
  return `${trimmed(count / 1_000_000_000)} GB`;
}

const trimmed = (value: number): string =>
  value < 10 ? value.toFixed(1) : String(Math.round(value));

/** Such as `5`, `<200ms`, `>2m`: seconds when no unit is given. Null for anything else. */
export function readSpan(text: string): { readonly is: '<' | '>'; readonly ms: number } | null {
  const read = /^([<>]?)=?(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  if (!read) return null;
  const [, is, count, unit = 's'] = read;
  return { is: is === '<' ? '<' : '>', ms: Number(count) * UNITS[unit as keyof typeof UNITS] };
}

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };
