import { setImmediate } from 'node:timers';
import { expect, test } from 'vitest';

import { drainEventLoop } from '../../../src/testing/world/event-loop.ts';

test('it ends when no tick, promise or immediate is left, at any depth', async () => {
  let depth = 0;
  const deeper = (): void => {
    depth += 1;
    if (depth >= 300) return;
    if (depth % 3 === 0) setImmediate(deeper);
    else if (depth % 3 === 1) process.nextTick(deeper);
    else void Promise.resolve().then(deeper);
  };
  deeper();
  await drainEventLoop();
  expect(depth).toBe(300);
});

test('two calls do not wait for each other, but each for all work', async () => {
  let depth = 0;
  const deeper = (): void => {
    depth += 1;
    if (depth < 50) setImmediate(deeper);
  };
  deeper();
  const depths = await Promise.all([0, 1, 2].map(() => drainEventLoop().then(() => depth)));
  expect(depths).toEqual([50, 50, 50]);
});

test('work without an end is an error', async () => {
  let turns = 0;
  const more = (): void => {
    turns += 1;
    if (turns < 1_000) setImmediate(more);
  };
  more();
  await expect(drainEventLoop(100)).rejects.toThrow('there is still work after 100 turns');
  await drainEventLoop();
});
