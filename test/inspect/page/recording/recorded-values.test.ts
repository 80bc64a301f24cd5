import { expect, test } from 'vitest';

import {
  among,
  amount,
  fields,
  isTime,
  listOf,
  MAX_ITEMS,
  words,
} from '../../../../src/inspect/page/recording/recorded-values.ts';

test('only objects have fields', () => {
  expect(fields({ a: 1 })).toEqual({ a: 1 });
  expect([null, [], 'a', 1, undefined].map(fields)).toEqual([null, null, null, null, null]);
});

test('text is cut, and characters that mislead are escaped; all else is empty', () => {
  expect(words('a\u202eb')).toBe('a\\u{202e}b');
  expect(words('x'.repeat(600))).toHaveLength(513);
  expect([words(1), words(null)]).toEqual(['', '']);
});

test('lists are cut', () => {
  expect(listOf(['a', 2])).toEqual(['a', '']);
  expect(listOf(Array(100).fill('a'))).toHaveLength(MAX_ITEMS);
  expect(listOf('a')).toEqual([]);
});

test('amounts and times are finite and not below zero', () => {
  expect([0, 1.5].every(isTime)).toBe(true);
  expect([-1, Number.NaN, Number.POSITIVE_INFINITY, '1'].some(isTime)).toBe(false);
  expect([amount(3), amount(-3), amount('3')]).toEqual([3, 0, 0]);
});

test('words are of a closed set', () => {
  const isColour = among('red', 'green');
  expect([isColour('red'), isColour('blue'), isColour(null)]).toEqual([true, false, false]);
});
