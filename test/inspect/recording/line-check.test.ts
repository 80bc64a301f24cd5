import { describe, expect, test } from 'vitest';

import { FIRST_CHECK, verifyLine, withCheck } from '../../../src/inspect/recording/line-check.ts';

const first = withCheck('{"a":1}', FIRST_CHECK);
const second = withCheck('{"b":2}', first.check);

describe('the check of a line', () => {
  test('is its last field: FNV-1a of the check before and of the line', () => {
    // FNV-1a 32 of "00000000{"a":1}"
    expect(first.line).toBe(`{"a":1,"check":"${first.check}"}`);
    expect(JSON.parse(first.line)).toEqual({ a: 1, check: first.check });
  });

  test('is the hash of RFC 9923', () => {
    expect(withCheck('', 'foobar').check).toBe('bf9cf968');
  });

  test('is valid for the text and the position', () => {
    expect(verifyLine(first.line, FIRST_CHECK)).toEqual({ isIntact: true, check: first.check });
    expect(verifyLine(second.line, first.check)).toEqual({ isIntact: true, check: second.check });
  });

  test('is invalid for another text or position', () => {
    expect(verifyLine(first.line.replace('1', '2'), FIRST_CHECK).isIntact).toBe(false);
    expect(verifyLine(second.line, FIRST_CHECK).isIntact).toBe(false);
  });

  test('is missing: the line is not intact', () => {
    expect(verifyLine('{"a":1}', FIRST_CHECK)).toEqual({ isIntact: false, check: null });
  });
});
