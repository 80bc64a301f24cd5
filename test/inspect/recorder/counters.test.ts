import { expect, test } from 'vitest';

import { Counters, NO_COUNTS } from '../../../src/inspect/recorder/counters.ts';

test('counts since a copy are the same each time they are asked for', () => {
  const counters = new Counters();
  counters.add(3);
  const early = counters.copy();
  counters.add(3);
  counters.add(3);
  counters.add(0);
  const late = counters.copy();
  for (const _ of ['once', 'again']) {
    expect(counters.since(NO_COUNTS)).toEqual([
      [0, 1],
      [3, 3],
    ]);
    expect(counters.since(early)).toEqual([
      [0, 1],
      [3, 2],
    ]);
    expect(counters.since(late)).toEqual([]);
  }
});

test('a number may be as large as there are names, and earlier counts stay', () => {
  const counters = new Counters();
  counters.add(1);
  const early = counters.copy();
  counters.add(65_534);
  counters.add(300);
  expect(counters.since(early)).toEqual([
    [300, 1],
    [65_534, 1],
  ]);
  expect(counters.since(NO_COUNTS)[0]).toEqual([1, 1]);
});

test('a number beyond all names makes no room for itself', () => {
  const counters = new Counters();
  counters.add(10_000_000);
  expect(counters.copy()).toHaveLength(65_536);
});
