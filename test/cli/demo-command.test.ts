import { expect, test } from 'vitest';
import { tryOut } from './try-out.ts';

test.for([
  ['--speed', '21'],
  ['--seed', '-1'],
])('%s %s is refused in one line', async (words) => {
  const { code, errors } = await tryOut(['demo', ...words]);
  expect([code, errors]).toEqual([1, expect.stringMatching(/^peerchart: .*\n$/)]);
});
