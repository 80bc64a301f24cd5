import { describe, expect, test } from 'vitest';

import { base32ByteLength, decodeBase32, encodeBase32 } from '../../../src/io/wire/base32.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** RFC 4648, section 10, without padding. */
const RFC: readonly (readonly [plain: string, base32: string])[] = [
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
];

describe('base32', () => {
  for (const [plain, base32] of RFC)
    test(`"${plain}" is "${base32}", both ways`, () => {
      expect(encodeBase32(bytes(plain))).toBe(base32);
      expect(decodeBase32(base32)).toEqual(bytes(plain));
      expect(base32ByteLength(base32)).toBe(plain.length);
    });

  test('every byte value comes back', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(decodeBase32(encodeBase32(all))).toEqual(all);
  });

  test('bits after the last whole byte are ignored, and every length is read', () => {
    expect(decodeBase32('MZ')).toEqual(decodeBase32('MY'));
    expect(decodeBase32('MYA')).toEqual(bytes('f'));
  });

  for (const text of ['my', 'M1', 'MZXQ====', 'MZ XQ', 'MZXQ\n', 'MÄ'])
    test(`${JSON.stringify(text)} is not base32`, () => {
      expect(decodeBase32(text)).toBeNull();
    });
});
