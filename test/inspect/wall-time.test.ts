import { expect, test } from 'vitest';

import { wallTime } from '../../src/inspect/wall-time.ts';

test('the time of day is that of the system', () => {
  const before = Date.now();
  const now = Date.parse(wallTime());
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
  expect(wallTime()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});
