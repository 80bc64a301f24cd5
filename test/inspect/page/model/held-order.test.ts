import { expect, test } from 'vitest';

import { inHeldOrder } from '../../../../src/inspect/page/model/held-order.ts';

const keyOf = (row: string) => row[0]!;

test('held rows keep their order and get new values; new rows wait, removed rows go', () => {
  expect(inHeldOrder(['c2', 'a2', 'n2'], keyOf, ['a', 'b', 'c'])).toEqual(['a2', 'c2']);
});

test('without a held order rows come unchanged', () => {
  expect(inHeldOrder(['c', 'a'], keyOf, null)).toEqual(['c', 'a']);
});
