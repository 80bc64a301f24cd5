/**
 * The segments of the time line. Widths grow with the logarithm of the duration, so that a 3 ms handshake and 3 h as a
 * peer are both visible.
 */

export type Segment = {
  /** From 0 to 1 of the whole bar. */
  readonly start: number;
  readonly width: number;
  /** Duration in ms. */
  readonly ms: number;
};

/** @param times Start of each step, in order. @param end End of the last one, or now. */
export function segmentsOf(times: readonly number[], end: number): readonly Segment[] {
  const lasted = times.map((time, place) => Math.max(0, (times[place + 1] ?? end) - time));
  const weights = lasted.map((ms) => Math.log2(2 + ms));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let start = 0;
  return lasted.map((ms, place) => {
    const width = weights[place]! / total;
    const segment = { start, width, ms };
    start += width;
    return segment;
  });
}
