import { expect, test } from 'vitest';
import { LATE_MS } from '../../../src/io/process/deadline.ts';
import { PauseWatch } from '../../../src/io/process/pause-watch.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';

function watchedClock() {
  const time = new VirtualClock();
  const watch = new PauseWatch(time);
  return { time, watch, clock: watch.clock };
}

test('a process whose timers are in time, or late by less than a busy turn takes, did not stand still', () => {
  const { time, watch, clock } = watchedClock();
  clock.setTimeout(() => {}, 5_000);
  time.advance(5_000);
  clock.setTimeout(() => {}, 10);
  time.leap(10 + LATE_MS);
  time.advance(0);
  expect(watch.latest()).toBeNull();
});

test('late timers show how long a process stood still at least, and when that ended', () => {
  const { time, watch, clock } = watchedClock();
  clock.setTimeout(() => {}, 3_000);
  clock.setTimeout(() => {}, 6_000);
  time.leap(10_000);
  time.advance(400);
  expect(watch.latest()).toEqual({ ms: 7_000, agoMs: 400 });
});

test('a later pause replaces an earlier one', () => {
  const { time, watch, clock } = watchedClock();
  for (const ms of [9_000, 2_000]) {
    clock.setTimeout(() => {}, 0);
    time.leap(ms);
    time.advance(60_000);
  }
  expect(watch.latest()).toEqual({ ms: 2_000, agoMs: 60_000 });
});

test('timers fire once, and can be cleared', () => {
  const { time, clock } = watchedClock();
  const fired: string[] = [];
  clock.setTimeout(() => fired.push('kept'), 10);
  clock.clearTimeout(clock.setTimeout(() => fired.push('cleared'), 10));
  expect(time.pending).toBe(1);
  time.advance(1_000);
  expect(fired).toEqual(['kept']);
  expect(clock.now()).toBe(1_000);
});
