import { describe, expect, test } from 'vitest';

import { FIRST_CHECK, verifyLine, withCheck } from '../../../src/inspect/recording/line-check.ts';

const first = withCheck('{"a":1}', FIRST_CHECK);
const second = withCheck('{"b":2}', first.check);

describe('a line carries a check', () => {
  test('as its last field, FNV-1a of what came before and of itself', () => {
    // FNV-1a 32 of "00000000{"a":1}"
    expect(first.line).toBe(`{"a":1,"check":"${first.check}"}`);
    expect(JSON.parse(first.line)).toEqual({ a: 1, check: first.check });
  });

  test('which is that of RFC 9923', () => {
    expect(withCheck('', 'foobar').check).toBe('bf9cf968');
  });

  test('that fits its text and its place', () => {
    expect(verifyLine(first.line, FIRST_CHECK)).toEqual({ isIntact: true, check: first.check });
    expect(verifyLine(second.line, first.check)).toEqual({ isIntact: true, check: second.check });
  });

  test('and fits no other text, and no other place', () => {
    expect(verifyLine(first.line.replace('1', '2'), FIRST_CHECK).isIntact).toBe(false);
    expect(verifyLine(second.line, FIRST_CHECK).isIntact).toBe(false);
  });

  test('and one without it is not genuine', () => {
    expect(verifyLine('{"a":1}', FIRST_CHECK)).toEqual({ isIntact: false, check: null });
  });
});
