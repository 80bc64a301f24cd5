import { expect, test } from 'vitest';

import { inHeldOrder } from '../../../../src/inspect/page/model/held-order.ts';

const keyOf = (row: string) => row[0]!;

test('held rows keep their place and get new values; new rows wait and are counted', () => {
  expect(inHeldOrder(['c2', 'a2', 'n2'], keyOf, ['a1', 'c1'])).toEqual({
    rows: ['a2', 'c2'],
    waiting: 1,
  });
});

test('a row that is gone stays where it was, in its present form if it has one', () => {
  const renew = (key: string) => (key === 'b' ? 'b ended' : undefined);
  expect(inHeldOrder(['c2'], keyOf, ['a1', 'b1', 'c1'], renew)).toEqual({
    rows: ['a1', 'b ended', 'c2'],
    waiting: 0,
  });
});

test('without a held order rows come unchanged', () => {
  expect(inHeldOrder(['c', 'a'], keyOf, null)).toEqual({ rows: ['c', 'a'], waiting: 0 });
});
