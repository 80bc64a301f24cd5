import { expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';

import {
  DiscoverySamples,
  MAX_PAUSE_MS,
  MIN_PAUSE_MS,
} from '../../../src/inspect/recording/discovery-samples.ts';
import { StepClock } from '../../support/step-clock.ts';

function stage() {
  const clock = new StepClock();
  let reads = 0;
  const samples = new DiscoverySamples(clock, () => {
    reads += 1;
    return { refreshes: reads } as never;
  });
  const at = (state: string) => ({ value: state }) as AnyMachineSnapshot;
  const isDue = (state = 'serving') => samples.rowOf(at(state)) !== null;
  return { clock, samples, isDue, reads: () => reads };
}

test('a new state has a row at once, and then there is a pause', () => {
  const { clock, isDue } = stage();
  expect([isDue('binding'), isDue('loading'), isDue('serving'), isDue()]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  clock.advance(MIN_PAUSE_MS - 1);
  expect(isDue()).toBe(false);
  clock.advance(1);
  expect(isDue()).toBe(true);
});

test('rows are more and more seldom, up to a limit', () => {
  const { clock, isDue, reads } = stage();
  const hour = 3_600_000;
  for (let at = 0; at < hour; at += 500) {
    isDue();
    clock.advance(500);
  }
  const inTheFirstHour = reads();
  for (let at = 0; at < hour; at += 500) {
    isDue();
    clock.advance(500);
  }
  expect(inTheFirstHour).toBeGreaterThan(hour / MAX_PAUSE_MS);
  expect(reads() - inTheFirstHour).toBe(hour / MAX_PAUSE_MS);
});

test('a state that ended is the last row, and what came after the last row is not lost', () => {
  const { samples, isDue } = stage();
  isDue();
  expect(samples.last()).toBeNull();
  isDue();
  expect(samples.last()).toEqual({ discovery: { refreshes: 2 } });
  expect(samples.last()).toBeNull();
});
