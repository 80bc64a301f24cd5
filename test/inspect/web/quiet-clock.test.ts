import { expect, test } from 'vitest';

import { quietClock } from '../../../src/inspect/web/quiet-clock.ts';

test('nobody stays awake for its timers', () => {
  const timer = quietClock.setTimeout(() => {}, 60_000) as NodeJS.Timeout;
  expect(timer.hasRef()).toBe(false);
  quietClock.clearTimeout(timer);
});

test('its timers fire, and its time goes on', async () => {
  const begun = quietClock.now();
  const awake = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => void quietClock.setTimeout(resolve, 1));
  clearInterval(awake);
  expect(quietClock.now()).toBeGreaterThan(begun);
});
