/** Endings by state and by time. */
import { describe, expect, test } from 'vitest';

import {
  bucketsOf,
  hueOf,
  MAX_BARS,
  perWords,
  saturationOf,
  widthWords,
} from '../../../../src/inspect/page/model/reason-buckets.ts';
import { endingOf } from '../../../support/recording-lines.ts';

test('each ending counts in the bar of its time, under its state', () => {
  const endings = [
    endingOf(100, 'a'),
    endingOf(900, 'b'),
    endingOf(999, 'a'),
    endingOf(2_500, 'a'),
  ];
  expect(bucketsOf(endings, 3_200)).toEqual({
    width: 1_000,
    most: 3,
    states: [
      ['a', 3],
      ['b', 1],
    ],
    buckets: [
      {
        from: 0,
        total: 3,
        counts: [
          ['a', 2],
          ['b', 1],
        ],
      },
      { from: 1_000, total: 0, counts: [] },
      { from: 2_000, total: 1, counts: [['a', 1]] },
      { from: 3_000, total: 0, counts: [] },
    ],
  });
});

describe('the width', () => {
  test.for([
    [59_999, 1_000, 60],
    [60_000, 2_000, 31],
    [3_600_000, 120_000, 31],
    [30 * 86_400_000, 86_400_000, 31],
  ] as const)('for %i ms is %i', ([now, width, bars]) => {
    const { buckets, ...read } = bucketsOf([endingOf(0, 'a')], now);
    expect([read.width, buckets.length]).toEqual([width, bars]);
  });

  test('is chosen from the first ending on, not from the start', () => {
    expect(bucketsOf([endingOf(9_000_000, 'a')], 9_010_000).width).toBe(1_000);
  });

  test('over a year drops the oldest endings', () => {
    const year = 365 * 86_400_000;
    const { buckets, most } = bucketsOf([endingOf(0, 'a'), endingOf(year, 'b')], year);
    expect(buckets).toHaveLength(MAX_BARS);
    expect(most).toBe(1);
    expect(buckets.at(-1)?.counts).toEqual([['b', 1]]);
  });

  test.for([
    [1_000, '1 s'],
    [30_000, '30 s'],
    [120_000, '2 min'],
    [21_600_000, '6 h'],
  ] as const)('%i ms is said as %s', ([ms, words]) => {
    expect(widthWords(ms)).toBe(words);
  });
});

test('a width of one unit is named without its number', () => {
  expect([1_000, 10_000, 60_000, 3_600_000].map(perWords)).toEqual([
    'second',
    '10 s',
    'minute',
    'hour',
  ]);
});

test('every state is listed, the most frequent first, and keeps its place in a bar', () => {
  const endings = Array.from({ length: 30 }, (_, at) =>
    Array.from({ length: 30 - at }, () => endingOf(at, `s${at + 10}`)),
  ).flat();
  const { states, buckets } = bucketsOf(endings, 100);
  expect([states.length, states[0], states.at(-1)]).toEqual([30, ['s10', 30], ['s39', 1]]);
  const more = [...endings, ...Array.from({ length: 99 }, () => endingOf(40, 's39'))];
  const names = (counts: readonly (readonly [string, number])[]) => counts.map(([name]) => name);
  expect(names(bucketsOf(more, 100).buckets[0]!.counts)).toEqual(names(buckets[0]!.counts));
});

test('the hue of a state is a whole number of degrees, and others have others', () => {
  const hues = ['rejected.tooManyPeers', 'refused.tooManyPeers', 'connectionRefused'].map(hueOf);
  expect(new Set(hues).size).toBe(3);
  for (const hue of hues) expect(Number.isInteger(hue) && hue >= 0 && hue < 360).toBe(true);
});

test('without endings there is one empty bar', () => {
  expect(bucketsOf([], 5)).toMatchObject({ most: 0, states: [], buckets: [{ total: 0 }] });
});

test('states of nearly the same hue may differ in saturation', () => {
  const values = [
    'failed.connectionClosed',
    'rejected.self',
    'refused.requested',
    'failed.badFrameMac',
  ];
  expect(values.map(saturationOf).every((value) => value === 42 || value === 88)).toBe(true);
  expect(saturationOf('rejected.self')).toBe(saturationOf('rejected.self'));
});
