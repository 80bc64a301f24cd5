import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { loopDelay } from '../../../src/inspect/web/loop-delay.ts';

/** Blocks the event loop. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('a blocked event loop gives a delay, once', async () => {
  const delay = loopDelay();
  delay.start();
  for (let turn = 0; turn < 5; turn += 1) {
    block(60);
    await setImmediate();
  }
  expect(delay.take()).toBeGreaterThan(40);
  expect(delay.take()).toBe(0);
  delay.stop();
});

test('nothing is measured before the start and after the stop', async () => {
  const delay = loopDelay();
  for (let turn = 0; turn < 3; turn += 1) {
    block(30);
    await setImmediate();
  }
  expect(delay.take()).toBe(0);
  delay.start();
  delay.stop();
  for (let turn = 0; turn < 3; turn += 1) {
    block(30);
    await setImmediate();
  }
  expect(delay.take()).toBe(0);
});
