import { expect, test } from 'vitest';

import { DialHistory } from '../../../src/inspect/recorder/dial-history.ts';
import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import { StepClock } from '../../support/step-clock.ts';

test('the redial delay counts from the dial of an id, and again from its next dial', () => {
  const clock = new StepClock();
  const history = new DialHistory(clock);
  history.update(new Set(['a']));
  clock.advance(5_000);
  history.update(new Set(['a', 'b']));
  clock.advance(1_000);
  expect([history.msLeft('a'), history.msLeft('b')]).toEqual([
    REDIAL_DELAY_MS - 6_000,
    REDIAL_DELAY_MS - 1_000,
  ]);
  history.update(new Set(['b']));
  expect(history.msLeft('a')).toBeNull();
  history.update(new Set(['a', 'b']));
  expect(history.msLeft('a')).toBe(REDIAL_DELAY_MS);
});

test('the time left is never negative', () => {
  const clock = new StepClock();
  const history = new DialHistory(clock);
  history.update(new Set(['a']));
  clock.advance(REDIAL_DELAY_MS + 1);
  expect(history.msLeft('a')).toBe(0);
});
