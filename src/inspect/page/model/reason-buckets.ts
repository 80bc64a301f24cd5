/** Endings by state and by time: the bars of the Reasons tab. */
import type { Ending } from '../../protocol.ts';

/** Widths of a bar, in ms: the first with which all endings fit is used. */
const WIDTHS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400].map(
  (seconds) => seconds * 1_000,
);
export const MAX_BARS = 60;

export type Bucket = {
  /** ms since the recorder started. */
  readonly from: number;
  readonly total: number;
  /** By name, so that a state keeps its place in the bar; without zeros. */
  readonly counts: readonly (readonly [state: string, count: number])[];
};

export type Buckets = {
  /** ms of one bar. */
  readonly width: number;
  readonly buckets: readonly Bucket[];
  /** All of them, the most frequent first. */
  readonly states: readonly (readonly [state: string, count: number])[];
  /** Height of the highest bar. */
  readonly most: number;
};

/** Such as `10 s`, `2 min`, `6 h`: one of the widths above. */
export function widthWords(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`;
}

/** Behind `per`: `second`, `10 s`. */
export const perWords = (ms: number): string => UNITS[widthWords(ms)] ?? widthWords(ms);

const UNITS: Readonly<Record<string, string>> = {
  '1 s': 'second',
  '1 min': 'minute',
  '1 h': 'hour',
};

/** Hue of a state in degrees: always the same, whatever else is shown. */
export const hueOf = (state: string): number => hashOf(state) % 360;

/** Saturation of a state in percent: tells states of nearly the same hue apart. */
export const saturationOf = (state: string): number =>
  Math.floor(hashOf(state) / 360) % 2 ? 88 : 42;

function hashOf(state: string): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (const letter of state) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

/** @param endings Oldest first. @param now Time of the last bar. */
export function bucketsOf(endings: readonly Ending[], now: number): Buckets {
  const since = endings[0]?.at ?? now;
  const width =
    WIDTHS.find((each) => Math.floor(now / each) - Math.floor(since / each) < MAX_BARS) ??
    WIDTHS.at(-1)!;
  const totals = new Map<string, number>();
  for (const { state } of endings) totals.set(state, (totals.get(state) ?? 0) + 1);
  const states = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const last = Math.floor(now / width);
  const first = Math.max(Math.floor(since / width), last - MAX_BARS + 1);
  const bars = Array.from({ length: last - first + 1 }, () => new Map<string, number>());
  for (const { at, state } of endings) {
    const bar = bars[Math.floor(at / width) - first];
    bar?.set(state, (bar.get(state) ?? 0) + 1);
  }
  const buckets = bars.map((bar, place): Bucket => {
    const counts = [...bar].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      from: (first + place) * width,
      total: counts.reduce((sum, [, count]) => sum + count, 0),
      counts,
    };
  });
  return { width, buckets, states, most: Math.max(0, ...buckets.map(({ total }) => total)) };
}
