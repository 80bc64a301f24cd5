import { expect, test } from 'vitest';

import { inHeldOrder } from '../../../../src/inspect/page/model/held-order.ts';

const keyOf = (row: string) => row[0]!;

test('rows stay where they were, as they are now; new ones wait and lost ones leave', () => {
  expect(inHeldOrder(['c2', 'a2', 'n2'], keyOf, ['a', 'b', 'c'])).toEqual(['a2', 'c2']);
});

test('when nobody points at them they are as they come', () => {
  expect(inHeldOrder(['c', 'a'], keyOf, null)).toEqual(['c', 'a']);
});
