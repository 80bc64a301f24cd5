import { expect, test } from 'vitest';

import { unrefClock } from '../../src/web/unref-clock.ts';

test('its timers do not keep the process running', () => {
  const timer = unrefClock.setTimeout(() => {}, 60_000) as NodeJS.Timeout;
  expect(timer.hasRef()).toBe(false);
  unrefClock.clearTimeout(timer);
});

test('its timers fire, and its time advances', async () => {
  const begun = unrefClock.now();
  const awake = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => void unrefClock.setTimeout(resolve, 1));
  clearInterval(awake);
  expect(unrefClock.now()).toBeGreaterThan(begun);
});
