/**
 * The real machines of a whole server, under random operations and events on a simulated clock. After every step the
 * invariants 1 to 12 of the specification are checked, as far as charts decide them; how a real link carries out its
 * commands is in `test/io/link/rlpx-link-invariants.test.ts`.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { isExhaustive } from '../../support/exhaustive.ts';
import { OPERATIONS, type Operation, perform } from '../../support/random-operations.ts';
import { ServerEnvironment } from '../../support/server-environment.ts';

/**
 * More runs: `RUNS=200000 SEED=2 npx vitest run test/machines/server/server-invariants.test.ts`. A failure is shrunk, which
 * takes time; with `SHRINK=no` it is reported as it is.
 */
const { RUNS = isExhaustive ? '10000' : '2000', SEED = '1', SHRINK = 'yes' } = process.env;
const numRuns = Number(RUNS);
const MAX_STEPS = 200;

/** Ticks until the end of a handler is reported, through nested promises. */
const TICKS = 6;

const operation: fc.Arbitrary<Operation> = fc.tuple(
  fc.constantFrom(...OPERATIONS),
  fc.nat(255),
  fc.nat(255),
);

/** XState warns of events to stopped actors. That is expected here: they were sent before the stop. */
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterAll(() => void vi.restoreAllMocks());

test('invariants 1 to 12 hold in random runs of up to 200 steps', {
  timeout: 60_000 + numRuns * 60,
}, async () => {
  const total: Record<string, number> = {};
  let free: ServerEnvironment | null = null; // the last one, if it passed
  const run = async (isStarted: boolean, operations: readonly Operation[]): Promise<void> => {
    const environment = free ?? new ServerEnvironment();
    if (free) environment.restart();
    free = null;
    if (isStarted) environment.startWell();
    for (const operation of operations) {
      perform(environment, operation);
      for (let tick = 0; tick < TICKS; tick += 1) await null;
      environment.check(`after ${operation[0]}`);
    }
    environment.end();
    free = environment;
    for (const [what, count] of Object.entries(environment.checks.seen))
      total[what] = (total[what] ?? 0) + count;
  };
  const property = fc.asyncProperty(
    fc.nat(7).map((number) => number > 0),
    fc.array(operation, { maxLength: MAX_STEPS, size: 'medium' }),
    run,
  );
  await fc.assert(property, { numRuns, seed: Number(SEED), endOnFailure: SHRINK === 'no' });
  for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(0);
});
