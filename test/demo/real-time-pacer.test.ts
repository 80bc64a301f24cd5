import { expect, test } from 'vitest';

import { keepPace, MAX_CATCH_UP_STEPS, STEP_MS } from '../../src/demo/real-time-pacer.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';
import { turns } from '../support/turn.ts';

function paced(speed = 1, fault?: Error) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const steps: number[] = [];
  const run = async (ms: number): Promise<void> => {
    if (fault) throw fault;
    steps.push(ms);
  };
  const over = keepPace({ clock, speed, run, signal: stop.signal });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turns();
  };
  return { clock, stop, steps, over, pass };
}

test('simulated time advances with real time, multiplied by the speed', async () => {
  const { steps, pass, stop, over } = paced(2);
  for (let left = 20; left > 0; left -= 1) await pass(STEP_MS);
  expect(steps).toEqual(Array.from({ length: 20 }, () => 2 * STEP_MS));
  stop.abort();
  await over;
});

test('the next step catches up the duration of a step', async () => {
  const { clock, steps, pass, stop, over } = paced();
  await pass(STEP_MS);
  clock.leap(80);
  await pass(STEP_MS);
  expect(steps).toEqual([STEP_MS, 80 + STEP_MS]);
  stop.abort();
  await over;
});

test('after a suspend, simulated time does not jump', async () => {
  const { clock, steps, pass, stop, over } = paced();
  clock.leap(3_600_000);
  await pass(STEP_MS);
  expect(steps).toEqual([STEP_MS * MAX_CATCH_UP_STEPS]);
  stop.abort();
  await over;
});

test('it ends at once and leaves no timer', async () => {
  const { clock, stop, over } = paced();
  stop.abort();
  await over;
  expect(clock.pending).toBe(0);
});

test('an error of run ends it', async () => {
  const { over, pass } = paced(1, new Error('failed'));
  const ending = expect(over).rejects.toThrow('failed');
  await pass(STEP_MS);
  await ending;
});
