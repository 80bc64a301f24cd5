import { expect, test } from 'vitest';

import { arrowPath } from '../../src/charts/arrow-path.ts';

test('a straight arrow stops where its head begins', () => {
  expect(
    arrowPath([
      [0, 0],
      [0, 20],
    ]),
  ).toEqual({ line: 'M0 0L0 12', head: 'M0 20L-3.5 12L3.5 12z' });
});

test('a corner is rounded, with a smaller radius on short segments', () => {
  expect(
    arrowPath([
      [0, 0],
      [0, 40],
      [40, 40],
    ]).line,
  ).toBe('M0 0L0 33Q0 40 7 40L32 40');
  expect(
    arrowPath([
      [0, 0],
      [0, 4],
      [40, 4],
    ]).line,
  ).toBe('M0 0L0 2Q0 4 2 4L32 4');
});
