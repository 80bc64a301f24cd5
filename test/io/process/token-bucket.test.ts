import { expect, test } from 'vitest';

import { TokenBucket } from '../../../src/io/process/token-bucket.ts';
import { StepClock } from '../../support/step-clock.ts';

function setUp(size: number, perSecond: number) {
  const clock = new StepClock();
  const bucket = new TokenBucket({ clock, size, perSecond });
  /** How many of ten can be taken now. */
  const taken = (): number =>
    Array.from({ length: 10 }, () => bucket.take()).filter(Boolean).length;
  return { clock, taken };
}

test('gives what it holds, and then one for each part of a second', () => {
  const { clock, taken } = setUp(3, 2);
  expect(taken()).toBe(3);
  clock.advance(499);
  expect(taken()).toBe(0);
  clock.advance(1);
  expect(taken()).toBe(1);
  clock.advance(1_000);
  expect(taken()).toBe(2);
});

test('says whether there is one, and takes none for it', () => {
  const bucket = new TokenBucket({ clock: new StepClock(), size: 1, perSecond: 1 });
  expect([bucket.hasLeft(), bucket.hasLeft(), bucket.take(), bucket.hasLeft()]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('saves up no more than it holds', () => {
  const { clock, taken } = setUp(3, 2);
  clock.advance(3_600_000);
  expect(taken()).toBe(3);
});

test('may be without end', () => {
  const { clock, taken } = setUp(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  expect(taken()).toBe(10);
  clock.advance(1);
  expect(taken()).toBe(10);
});
