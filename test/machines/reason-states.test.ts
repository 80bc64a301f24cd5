import { describe, expect, expectTypeOf, test } from 'vitest';

import { describeReason, mapEvents, mapKeys } from '../../src/machines/reason-states.ts';

const table = { tooMany: 4, useless: 3 } as const;

describe('one table of reasons', () => {
  test('becomes one state for each, in the order of the table', () => {
    const states = mapKeys(table, (reason) => ({ description: reason }));
    expect(Object.entries(states)).toEqual([
      ['tooMany', { description: 'tooMany' }],
      ['useless', { description: 'useless' }],
    ]);
  });

  test('becomes one event for each, under a prefix', () => {
    const events = mapEvents('reject', table, (reason) => table[reason]);
    expect(events).toEqual({ 'reject.tooMany': 4, 'reject.useless': 3 });
  });

  test('keeps its names in the types, so that a typo does not compile', () => {
    expectTypeOf(mapKeys(table, () => 1)).toEqualTypeOf<{ tooMany: number; useless: number }>();
    expectTypeOf(mapEvents('reject', table, () => 1)).toEqualTypeOf<{
      'reject.tooMany': number;
      'reject.useless': number;
    }>();
  });

  test('gives each state its description and remedy', () => {
    expect(describeReason({ sentence: 'It broke.', remedy: 'Mend it.' })).toEqual({
      description: 'It broke.',
      meta: { remedy: 'Mend it.' },
    });
  });

  test('may be empty', () => {
    expect(mapKeys({}, () => 1)).toEqual({});
    expect(mapEvents('reject', {}, () => 1)).toEqual({});
  });
});
