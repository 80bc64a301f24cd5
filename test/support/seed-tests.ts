/** Many random worlds in one test file: each seed once, and some of them twice. */
import { expect, test } from 'vitest';

import { isExhaustive } from './exhaustive.ts';
import { runSeed } from './random-world.ts';

/** All seeds of one run; `FIRST=5000 SEEDS=20000 npx vitest run test/world-seeds` runs others, and more. */
const SEEDS = Number(process.env['SEEDS'] ?? (isExhaustive ? 1_200 : 120));
const FIRST = Number(process.env['FIRST'] ?? 0);

/** Files that share the seeds, so that they run side by side. */
const FILES = 4;

/** Seeds in one test. */
const GROUP = 50;

/** One of so many is run twice. */
const REPEATED = 20;

/** For a group, in ms: a world takes a tenth of a second on an idle machine. */
const TIMEOUT_MS = 120_000;

/** @param file From 0. */
export function testSeeds(file: number): void {
  const share = SEEDS / FILES;
  const first = FIRST + file * share;
  for (let group = first; group < first + share; group += GROUP) {
    const end = Math.min(group + GROUP, first + share);
    test(
      `seeds ${group} to ${end - 1} keep every invariant and come to a clean end`,
      async () => {
        for (let seed = group; seed < end; seed += 1) {
          const { fingerprint, clock } = await runSeed(`seed ${seed}`);
          expect(clock.pending).toBe(0);
          if (seed % REPEATED === 0)
            expect((await runSeed(`seed ${seed}`)).fingerprint, `seed ${seed}, again`).toBe(
              fingerprint,
            );
        }
      },
      TIMEOUT_MS,
    );
  }
}
