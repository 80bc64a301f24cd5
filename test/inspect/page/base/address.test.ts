import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  FIRST_PLACE,
  type Place,
  readPlace,
  writePlace,
} from '../../../../src/inspect/page/base/address.ts';

const known = { tabs: ['connections', 'peers'], machines: ['connection-setup', 'peer'] };

test('the default place has an empty hash', () => {
  expect(writePlace(FIRST_PLACE)).toBe('');
  expect(readPlace('', known)).toEqual(FIRST_PLACE);
});

test('every place is restored from its hash', () => {
  const place: fc.Arbitrary<Place> = fc.record({
    tab: fc.constantFrom(...known.tabs),
    machine: fc.constantFrom(...known.machines),
    filter: fc.string({ maxLength: 80, unit: 'grapheme' }),
    list: fc.constantFrom('live' as const, 'ended' as const),
    selected: fc.constantFrom('12', 'd3', 'a45'),
    step: fc.oneof(fc.nat({ max: 999_999 }), fc.constant(null)),
  });
  fc.assert(
    fc.property(place, (one) => {
      expect(readPlace(`#${writePlace(one)}`, known)).toEqual(one);
    }),
    { seed: 5 },
  );
});

test('invalid parts of a link take their defaults', () => {
  const hash = '#tab=nowhere&machine=constructor&list=x&selected=../x&step=7&filter=';
  expect(readPlace(hash, known)).toEqual(FIRST_PLACE);
});

test('a step that is not a number or lacks a selection is ignored', () => {
  expect(readPlace('#selected=3&step=-1', known).step).toBeNull();
  expect(readPlace('#selected=3&step=1e9', known).step).toBeNull();
  expect(readPlace('#step=2', known).step).toBeNull();
});

test('a long filter is cut', () => {
  expect(readPlace(`#filter=${'a'.repeat(9_999)}`, known).filter).toHaveLength(256);
});
