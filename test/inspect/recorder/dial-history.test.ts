import { expect, test } from 'vitest';

import { DialHistory, type Waits } from '../../../src/inspect/recorder/dial-history.ts';
import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import type { BackOff } from '../../../src/machines/dialing/redial-back-off.ts';
import { StepClock } from '../../support/step-clock.ts';

const NONE: Waits['backingOff'] = new Map();
const recent = (...ids: readonly string[]): Waits => ({
  recent: new Set(ids),
  backingOff: NONE,
});
const backingOff = (id: string, backOff: BackOff): Waits => ({
  recent: new Set(),
  backingOff: new Map([[id, backOff]]),
});

test('the redial delay counts from the dial of an id, and again from its next dial', () => {
  const clock = new StepClock();
  const history = new DialHistory(clock);
  history.update(recent('a'));
  clock.advance(5_000);
  history.update(recent('a', 'b'));
  clock.advance(1_000);
  expect([history.msLeft('a'), history.msLeft('b')]).toEqual([
    REDIAL_DELAY_MS - 6_000,
    REDIAL_DELAY_MS - 1_000,
  ]);
  history.update(recent('b'));
  expect(history.msLeft('a')).toBeNull();
  history.update(recent('a', 'b'));
  expect(history.msLeft('a')).toBe(REDIAL_DELAY_MS);
});

test('a wait by reason counts from the end, with its reason, and again from the next end', () => {
  const clock = new StepClock();
  const history = new DialHistory(clock);
  history.update(backingOff('a', { because: 'connectTimeout', ms: 300_000 }));
  clock.advance(1_000);
  expect([history.msLeft('a'), history.becauseOf('a')]).toEqual([299_000, 'connectTimeout']);
  history.update(backingOff('a', { because: 'refused.tooManyPeers', ms: 60_000 }));
  expect([history.msLeft('a'), history.becauseOf('a')]).toEqual([60_000, 'refused.tooManyPeers']);
  history.update(recent());
  expect([history.msLeft('a'), history.becauseOf('a')]).toEqual([null, null]);
});

test('of two waits the longer one counts', () => {
  const clock = new StepClock();
  const history = new DialHistory(clock);
  const soon = backingOff('a', { because: 'refused.tooManyPeers', ms: 10_000 });
  history.update({ ...soon, recent: new Set(['a']) });
  expect(history.msLeft('a')).toBe(REDIAL_DELAY_MS);
});

test('the time left is never negative', () => {
  const clock = new StepClock();
  const history = new DialHistory(clock);
  history.update(recent('a'));
  clock.advance(REDIAL_DELAY_MS + 1);
  expect(history.msLeft('a')).toBe(0);
});
