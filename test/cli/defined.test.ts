import { expect, test } from 'vitest';
import { defined } from '../../src/cli/defined.ts';

test('what is undefined or null is left out, and nothing else', () => {
  const given = { a: undefined, b: null, c: 0, d: '', e: false };
  expect(Object.entries(defined(given))).toEqual([
    ['c', 0],
    ['d', ''],
    ['e', false],
  ]);
});
