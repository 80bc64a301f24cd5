import { expect, test } from 'vitest';

import { Dictionary, MAX_NAME_CHARS } from '../../../src/inspect/recorder/dictionary.ts';

test('a name keeps its number, and numbers count up', () => {
  const names = new Dictionary();
  const numbers = ['a', 'b', 'a', 'c'].map((name) => names.numberOf(name));
  expect(numbers).toEqual([1, 2, 1, 3]);
  expect(names.from(1)).toEqual(['a', 'b', 'c']);
  expect(names.from(3)).toEqual(['c']);
  expect(names.size).toBe(4);
});

test('names beyond the limit share one number, and earlier ones keep theirs', () => {
  const names = new Dictionary(3);
  for (const name of ['a', 'b', 'c', 'd']) names.numberOf(name);
  expect(['a', 'b', 'c', 'd'].map((name) => names.from(names.numberOf(name))[0])).toEqual([
    'a',
    'b',
    '…',
    '…',
  ]);
  expect(names.size).toBe(3);
});

test('names are escaped and cut', () => {
  const names = new Dictionary();
  names.numberOf('a\u202eb');
  names.numberOf('x'.repeat(1_000));
  const [first, second] = names.from(1);
  expect(first).toBe('a\\u{202e}b');
  expect(second).toHaveLength(MAX_NAME_CHARS);
});
