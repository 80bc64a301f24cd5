import { expect, test } from 'vitest';

import { systemClock } from '../../../src/io/process/clock.ts';

test('the time of the system does not go back, and runs on while a timer waits', async () => {
  const before = systemClock.now();
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 2));
  expect(systemClock.now()).toBeGreaterThan(before);
});

test('a timer that was cleared does not fire', async () => {
  const fired: string[] = [];
  const cleared = systemClock.setTimeout(() => fired.push('cleared'), 1);
  systemClock.clearTimeout(cleared);
  await new Promise<void>((resolve) =>
    systemClock.setTimeout(() => {
      fired.push('kept');
      resolve();
    }, 2),
  );
  expect(fired).toEqual(['kept']);
});

test('clearing what is no timer does nothing', () => {
  expect(() => systemClock.clearTimeout(null)).not.toThrow();
});
