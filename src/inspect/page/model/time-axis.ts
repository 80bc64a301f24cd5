/**
 * A life as a bar: a 3 ms handshake and 3 h as a peer must both be seen, so the width of a step grows with the
 * logarithm of its duration.
 */

export type Segment = {
  /** From 0 to 1 of the whole bar. */
  readonly start: number;
  readonly width: number;
  /** How long it lasted, in ms. */
  readonly ms: number;
};

/** @param times When each step began, in order. @param end When the last one ended, or now. */
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
