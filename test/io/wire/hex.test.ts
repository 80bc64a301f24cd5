import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { hexOf } from '../../../src/io/wire/hex.ts';

test('every byte has its two digits', () => {
  expect(hexOf(Uint8Array.of(0, 1, 15, 16, 127, 128, 255))).toBe('00010f107f80ff');
  expect(hexOf(new Uint8Array(0))).toBe('');
});

test('the digits are those of another implementation', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(hexOf(bytes)).toBe(bytesToHex(bytes));
    }),
  );
});
