/**
 * The real server machine, with its listener and its dial scheduler, under random operations and events on a simulated
 * clock. After every step the invariants of the specification that a chart can break are checked: 1 to 6, 10 and 11.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { HAPPENINGS, type Happening, happen } from '../support/server-happenings.ts';
import { Outside } from '../support/server-outside.ts';

/** More of them: `RUNS=200000 SEED=2 npx vitest run test/machines/server-invariants.test.ts`. */
const { RUNS = '10000', SEED = '1' } = process.env;
const numRuns = Number(RUNS);
const MAX_STEPS = 200;

const happening: fc.Arbitrary<Happening> = fc.tuple(
  fc.constantFrom(...HAPPENINGS),
  fc.nat(255),
  fc.nat(255),
);

test(`${RUNS} runs of up to ${MAX_STEPS} steps`, { timeout: 60_000 + numRuns * 20 }, () => {
  const total: Record<string, number> = {};
  fc.assert(
    fc.property(fc.array(happening, { maxLength: MAX_STEPS, size: 'medium' }), (happenings) => {
      const outside = new Outside();
      for (const happening of happenings) {
        happen(outside, happening);
        outside.books.compare(outside.server.getSnapshot());
        outside.books.settle(`after ${happening[0]}`);
      }
      outside.end();
      for (const [what, count] of Object.entries(outside.books.seen))
        total[what] = (total[what] ?? 0) + count;
    }),
    { numRuns, seed: Number(SEED) },
  );
  for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(0);
});
