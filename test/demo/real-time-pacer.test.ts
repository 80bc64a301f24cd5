import { expect, test } from 'vitest';

import { keepPace, MAX_BEHIND_STEPS, STEP_MS } from '../../src/demo/real-time-pacer.ts';
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

test('the time of the world goes with that of the wall, times the speed', async () => {
  const { steps, pass, stop, over } = paced(2);
  for (let left = 20; left > 0; left -= 1) await pass(STEP_MS);
  expect(steps).toEqual(Array.from({ length: 20 }, () => 2 * STEP_MS));
  stop.abort();
  await over;
});

test('what a step took is made up for in the next one', async () => {
  const { clock, steps, pass, stop, over } = paced();
  await pass(STEP_MS);
  clock.leap(80);
  await pass(STEP_MS);
  expect(steps).toEqual([STEP_MS, 80 + STEP_MS]);
  stop.abort();
  await over;
});

test('a machine that slept goes on where it was', async () => {
  const { clock, steps, pass, stop, over } = paced();
  clock.leap(3_600_000);
  await pass(STEP_MS);
  expect(steps).toEqual([STEP_MS * MAX_BEHIND_STEPS]);
  stop.abort();
  await over;
});

test('it ends at once, and leaves no timer', async () => {
  const { clock, stop, over } = paced();
  stop.abort();
  await over;
  expect(clock.pending).toBe(0);
});

test('what breaks in there ends it', async () => {
  const { over, pass } = paced(1, new Error('broken'));
  const ending = expect(over).rejects.toThrow('broken');
  await pass(STEP_MS);
  await ending;
});
