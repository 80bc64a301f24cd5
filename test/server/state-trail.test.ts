import { expect, test } from 'vitest';
import { StateTrail } from '../../src/server/state-trail.ts';
import { StepClock } from '../support/step-clock.ts';

test('a trail lists each state once and when it was entered, in whole ms since its beginning', () => {
  const clock = new StepClock();
  clock.advance(1_000);
  const trail = new StateTrail(clock);
  expect(trail.lastEnteredAtMs).toBe(0);
  trail.enter('encHandshake');
  clock.advance(20.4);
  trail.enter('encHandshake');
  trail.enter('protoHandshake');
  clock.advance(5);
  trail.enter('encHandshake');
  expect(trail.states).toEqual(['encHandshake', 'protoHandshake', 'encHandshake']);
  expect(trail.enteredAtMs).toEqual([0, 20, 25]);
  expect(trail.lastEnteredAtMs).toBe(25);
});
