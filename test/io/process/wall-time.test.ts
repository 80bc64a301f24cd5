import { expect, test } from 'vitest';

import { timeOfDay, unixTimeMs, wallTime } from '../../../src/io/process/wall-time.ts';

test('the time of day is that of the system', () => {
  const before = Date.now();
  const now = Date.parse(wallTime());
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
  expect(Math.abs(unixTimeMs() - now)).toBeLessThan(60_000);
  expect(wallTime()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('people get hours, minutes and seconds of their own time zone', () => {
  const iso = '2026-01-02T16:05:09.876Z';
  const hours = new Date(iso).getHours();
  expect(timeOfDay(iso)).toBe(`${`${hours}`.padStart(2, '0')}:${timeOfDay(iso).slice(3)}`);
  expect(timeOfDay(iso)).toMatch(/^\d\d:\d\d:09$/);
});
