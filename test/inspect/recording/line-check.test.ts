import { describe, expect, test } from 'vitest';

import { checked, FIRST_CHECK, verify } from '../../../src/inspect/recording/line-check.ts';

const first = checked('{"a":1}', FIRST_CHECK);
const second = checked('{"b":2}', first.check);

describe('a line carries a check', () => {
  test('as its last field, FNV-1a of what came before and of itself', () => {
    // FNV-1a 32 of "00000000{"a":1}"
    expect(first.line).toBe(`{"a":1,"check":"${first.check}"}`);
    expect(JSON.parse(first.line)).toEqual({ a: 1, check: first.check });
  });

  test('which is that of RFC 9923', () => {
    expect(checked('', 'foobar').check).toBe('bf9cf968');
  });

  test('that fits its text and its place', () => {
    expect(verify(first.line, FIRST_CHECK)).toEqual({ isGenuine: true, check: first.check });
    expect(verify(second.line, first.check)).toEqual({ isGenuine: true, check: second.check });
  });

  test('and fits no other text, and no other place', () => {
    expect(verify(first.line.replace('1', '2'), FIRST_CHECK).isGenuine).toBe(false);
    expect(verify(second.line, FIRST_CHECK).isGenuine).toBe(false);
  });

  test('and one without it is not genuine', () => {
    expect(verify('{"a":1}', FIRST_CHECK)).toEqual({ isGenuine: false, check: null });
  });
});
