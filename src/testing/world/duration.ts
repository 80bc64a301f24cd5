/** Parses durations such as `10m`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, or a number with `ms`, `s`, `m`, `h` or `d`, such as `'10m'`. */
export type Duration = number | string;

/** @returns Milliseconds. @throws {TypeError} Not a duration. */
export function toMs(duration: Duration): number {
  if (typeof duration === 'number' && duration >= 0) return duration;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? [];
  if (number === undefined)
    throw new TypeError(
      `"duration" expected a value such as 250, "250ms" or "10m", got ${duration}`,
    );
  return Number(number) * UNIT_MS[unit]!;
}
