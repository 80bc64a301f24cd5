import { setImmediate } from 'node:timers';
import { expect, test } from 'vitest';

import { drainTurns } from '../../../src/testing/world/turns.ts';

test('it is over when nothing is left: no tick, no promise, no turn, however deep they are nested', async () => {
  let depth = 0;
  const deeper = (): void => {
    depth += 1;
    if (depth >= 300) return;
    if (depth % 3 === 0) setImmediate(deeper);
    else if (depth % 3 === 1) process.nextTick(deeper);
    else void Promise.resolve().then(deeper);
  };
  deeper();
  await drainTurns();
  expect(depth).toBe(300);
});

test('two of them do not wait for each other, and each for what there is', async () => {
  let depth = 0;
  const deeper = (): void => {
    depth += 1;
    if (depth < 50) setImmediate(deeper);
  };
  deeper();
  const depths = await Promise.all([0, 1, 2].map(() => drainTurns().then(() => depth)));
  expect(depths).toEqual([50, 50, 50]);
});
