import { expect, test } from 'vitest';

import { TURN_MESSAGES, TURN_MS, TurnLimit } from '../../../src/io/process/turn-limit.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

function newTurnLimit() {
  const clock = new StepClock();
  const at = { turns: 0 };
  const limit = new TurnLimit(clock, () => {
    at.turns += 1;
  });
  return { clock, limit, at };
}

test('the limits are those of the catalogue', () => {
  expect([TURN_MESSAGES, TURN_MS]).toEqual([16, 5]);
});

test('a turn is over after 16 messages', () => {
  const { limit } = newTurnLimit();
  limit.start();
  for (let i = 1; i < TURN_MESSAGES; i += 1) limit.count();
  expect(limit.isOver).toBe(false);
  limit.count();
  expect(limit.isOver).toBe(true);
});

test('a turn is over after more than 5 ms', () => {
  const { limit, clock } = newTurnLimit();
  limit.start();
  clock.advance(TURN_MS);
  expect(limit.isOver).toBe(false);
  clock.advance(1);
  expect(limit.isOver).toBe(true);
});

test('the next turn is announced once and starts from zero', async () => {
  const { limit, at } = newTurnLimit();
  limit.start();
  for (let i = 0; i < TURN_MESSAGES; i += 1) limit.count();
  limit.start();
  await turns();
  expect([at.turns, limit.isOver]).toEqual([1, false]);
  limit.start();
  expect(limit.isOver).toBe(false);
  await turns();
  expect(at.turns).toBe(2);
});

test('a cancelled turn is not announced', async () => {
  const { limit, at } = newTurnLimit();
  limit.start();
  limit.cancel();
  await turns();
  expect(at.turns).toBe(0);
});
