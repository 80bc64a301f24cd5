/**
 * How much the large suites try: a sample in `npm test`, everything in `npm run test:exhaustive`. The sample is the same
 * in every run.
 */

export const isExhaustive = process.env['EXHAUSTIVE'] === 'yes';

/** All items, or in a quick run the first and every `step`-th after it. */
export function sampleOf<Item>(items: readonly Item[], step: number): readonly Item[] {
  return isExhaustive ? items : items.filter((_, index) => index % step === 0);
}
