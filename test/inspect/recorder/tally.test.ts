import { expect, test } from 'vitest';

import { Tally } from '../../../src/inspect/recorder/tally.ts';

test('a look is told what happened since it looked last', () => {
  const tally = new Tally();
  tally.add(3);
  const look = tally.look();
  expect(look.next()).toEqual([[3, 1]]);
  expect(look.next()).toEqual([]);
  tally.add(3);
  tally.add(3);
  tally.add(0);
  expect(look.next()).toEqual([
    [0, 1],
    [3, 2],
  ]);
});

test('looks do not disturb each other', () => {
  const tally = new Tally();
  const [one, two] = [tally.look(), tally.look()];
  tally.add(1);
  one.next();
  tally.add(1);
  expect([one.next(), two.next()]).toEqual([[[1, 1]], [[1, 2]]]);
});

test('numbers may be as large as there are names, and earlier counts stay', () => {
  const tally = new Tally();
  const look = tally.look();
  tally.add(1);
  look.next();
  tally.add(65_534);
  tally.add(300);
  expect(look.next()).toEqual([
    [300, 1],
    [65_534, 1],
  ]);
  expect(tally.look().next()[0]).toEqual([1, 1]);
});
