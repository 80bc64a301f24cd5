import { expect, test } from 'vitest';

import { BUSY_MS, CALM_MS, FrameRate } from '../../../src/inspect/web/frame-rate.ts';
import { StepClock } from '../../support/step-clock.ts';
import { FakeLoopDelay } from './page-server-fixture.ts';

function somePace() {
  const clock = new StepClock();
  const loopDelay = new FakeLoopDelay();
  const pace = new FrameRate(clock, loopDelay);
  /** What it is after a second of such a delay. */
  const after = (ms: number): number => {
    loopDelay.ms = ms;
    clock.advance(1_000);
    pace.update();
    return pace.hz;
  };
  return { clock, loopDelay, pace, after };
}

test('a busy event loop lowers the rate step by step, never to zero', () => {
  const { pace, after } = somePace();
  pace.start();
  expect(pace.hz).toBe(10);
  expect([1, 2, 3, 4, 5].map(() => after(BUSY_MS + 1))).toEqual([5, 2, 1, 1, 1]);
});

test('an idle event loop raises it again', () => {
  const { pace, after } = somePace();
  pace.start();
  for (const _ of [1, 2, 3]) after(BUSY_MS + 1);
  expect([1, 2, 3, 4].map(() => after(CALM_MS - 1))).toEqual([2, 5, 10, 10]);
});

test('between the two limits it stays the same', () => {
  const { pace, after } = somePace();
  pace.start();
  after(BUSY_MS + 1);
  expect([after(BUSY_MS), after(CALM_MS)]).toEqual([5, 5]);
});

test('there is one decision a second', () => {
  const { pace, loopDelay, clock } = somePace();
  pace.start();
  loopDelay.ms = 1_000;
  clock.advance(999);
  pace.update();
  expect([pace.hz, pace.delay]).toEqual([10, 0]);
  clock.advance(1);
  pace.update();
  expect([pace.hz, pace.delay]).toEqual([5, 1_000]);
});

test('nothing is measured while it is stopped, and it starts at the full rate', () => {
  const { pace, loopDelay, after } = somePace();
  expect(loopDelay.runs).toBe(false);
  pace.start();
  expect(loopDelay.runs).toBe(true);
  after(1_000);
  pace.stop();
  expect([loopDelay.runs, pace.delay]).toEqual([false, 0]);
  pace.start();
  expect(pace.hz).toBe(10);
});
