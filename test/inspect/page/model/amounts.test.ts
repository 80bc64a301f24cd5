/** Texts of amounts in tables. */
import { expect, test } from 'vitest';

import {
  clock,
  count,
  countdown,
  shortId,
  traffic,
} from '../../../../src/inspect/page/model/amounts.ts';

test.for([
  [-5, '0 s'],
  [0, '0 s'],
  [1, '1 s'],
  [1_000, '1 s'],
  [59_001, '1:00'],
  [65_000, '1:05'],
  [3_600_000, '60:00'],
] as const)('%i ms left is %s', ([ms, words]) => {
  expect(countdown(ms)).toBe(words);
});

test('an unknown amount is a dash', () => {
  expect([count(null), traffic(null), shortId('')]).toEqual(['–', '–', '–']);
  expect([count(0), traffic(0)]).toEqual(['0', '0 B']);
});

test('a long id is shortened, a short one is not', () => {
  expect(shortId('0123456789abcdef')).toBe('01234567…');
  expect(shortId('0123456789ab')).toBe('0123456789ab');
});

test('hours, minutes and seconds have two digits each, from 00', () => {
  expect(clock(Number(0), 'UTC')).toBe('00:00:00');
  expect(clock(((13 * 60 + 4) * 60 + 9) * 1_000, 'UTC')).toBe('13:04:09');
  expect(clock(Number.NaN)).toBe('');
});
