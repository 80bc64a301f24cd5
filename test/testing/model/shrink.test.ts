import { expect, test } from 'vitest';

import { MAX_SHRINK_ATTEMPTS, shortestFailing } from '../../../src/testing/model/shrink.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test.for([
  ['one item', [37]],
  ['the first and the last item', [0, 99]],
  ['items apart', [3, 50, 51, 80]],
  ['neighbours', [10, 11, 12, 13]],
  ['nothing at all', []],
] as const)('%s is left of a hundred, in order', async ([, needed]) => {
  const fails = async (items: readonly number[]) => needed.every((item) => items.includes(item));
  expect(await shortestFailing(numbers(100), fails)).toEqual(needed);
});

test('an item that only becomes unnecessary after a later one was removed is removed', async () => {
  const fails = async (items: readonly number[]) =>
    items.includes(5) && items.includes(6) && (items.includes(3) || !items.includes(7));
  expect(await shortestFailing([3, 5, 6, 7], fails)).toEqual([5, 6]);
});

test('the number of attempts is limited', async () => {
  let attempts = 0;
  const needed = numbers(2_000).filter((item) => item % 2 === 0);
  const left = await shortestFailing(numbers(2_000), async (items) => {
    attempts += 1;
    const has = new Set(items);
    return needed.every((item) => has.has(item));
  });
  expect(attempts).toBe(MAX_SHRINK_ATTEMPTS);
  expect(left.length).toBeLessThanOrEqual(2_000);
});
