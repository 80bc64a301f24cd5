/**
 * How much the large suites try: a sample in `npm test`, everything in `npm run test:exhaustive`. The sample is the same
 * in every run.
 */

export const isExhaustive = process.env['EXHAUSTIVE'] === 'yes';
