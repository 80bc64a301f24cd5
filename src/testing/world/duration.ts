/** Durations as people write them, such as `10m`, in milliseconds. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, or a number and `ms`, `s`, `m`, `h` or `d`. */
export type Duration = number | string;

/** @throws {TypeError} It is no duration. */
export function toMs(duration: Duration): number {
  if (typeof duration === 'number' && duration >= 0) return duration;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? [];
  if (number === undefined)
    throw new TypeError(`"duration" expected such as 250, "250ms" or "10m", got ${duration}`);
  return Number(number) * UNIT_MS[unit]!;
}
