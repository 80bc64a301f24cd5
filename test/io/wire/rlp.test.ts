import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { decode as oracle } from 'rlp';
import { describe, expect, test } from 'vitest';

import {
  asBytes,
  asList,
  asUint,
  asUint64,
  decodeRlp,
  decodeRlpPrefix,
  encodeRlp,
  MAX_RLP_DEPTH,
  MAX_RLP_ITEMS,
  type RlpInput,
  type RlpValue,
} from '../../../src/io/wire/rlp.ts';
import { expectDecodesOrFaults, fault, hostileBytes, rlpBytes } from '../../support/wire.ts';

const hex = hexToBytes;
const text = (value: string) => new TextEncoder().encode(value);
const malformed = fault('malformedRlp');

describe('RLP, valid', () => {
  // values: ethereum/tests RLPTests/rlptest.json
  const cases: [name: string, value: RlpInput, encoded: string][] = [
    ['emptystring', text(''), '80'],
    ['bytestring00', Uint8Array.of(0), '00'],
    ['bytestring7F', Uint8Array.of(0x7f), '7f'],
    ['shortstring', text('dog'), '83646f67'],
    [
      'shortstring2',
      text('Lorem ipsum dolor sit amet, consectetur adipisicing eli'),
      'b74c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e6720656c69',
    ],
    [
      'longstring',
      text('Lorem ipsum dolor sit amet, consectetur adipisicing elit'),
      'b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e6720656c6974',
    ],
    ['zero', 0, '80'],
    ['smallint4', 127, '7f'],
    ['mediumint1', 128, '8180'],
    ['mediumint2', 1000, '8203e8'],
    ['mediumint3', 100_000, '830186a0'],
    ['emptylist', [], 'c0'],
    ['stringlist', ['dog', 'god', 'cat'].map(text), 'cc83646f6783676f6483636174'],
    ['multilist', [text('zw'), [4], 1], 'c6827a77c10401'],
    [
      'longList1',
      Array.from({ length: 4 }, () => ['asdf', 'qwer', 'zxcv'].map(text)),
      `f840${'cf84617364668471776572847a786376'.repeat(4)}`,
    ],
    ['listsoflists', [[[], []], []], 'c4c2c0c0c0'],
    ['listsoflists2', [[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
  ];

  for (const [name, value, encoded] of cases)
    test(`${name} is encoded and decoded`, () => {
      expect(bytesToHex(encodeRlp(value))).toBe(encoded);
      expect(bytesToHex(encodeRlp(decodeRlp(hex(encoded)) as RlpInput))).toBe(encoded);
    });

  test('text that looks like hex is encoded as the text it is', () => {
    expect(encodeRlp([text('0x00')])).toEqual(concatBytes(hex('c584'), text('0x00')));
  });

  test('what was encoded is decoded, and only one encoding is accepted', () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const value = attempt(() => decodeRlp(bytes));
        if (value !== 'refused') expect(encodeRlp(value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  test('F9: a second decoder agrees on every input', () => {
    const nonEmpty = hostileBytes.filter((bytes) => bytes.length > 0); // to `rlp`, nothing is an empty string
    fc.assert(
      fc.property(nonEmpty, (bytes) => {
        expect(attempt(() => decodeRlp(bytes))).toEqual(attempt(() => oracle(bytes)));
      }),
      { numRuns: 2000 },
    );
  });

  test('one item is read from the front and the rest is handed back', () => {
    fc.assert(
      fc.property(rlpBytes, fc.uint8Array({ maxLength: 20 }), (bytes, padding) => {
        const { value, rest } = decodeRlpPrefix(concatBytes(bytes, padding));
        expect(value).toEqual(decodeRlp(bytes));
        expect(rest).toEqual(padding);
      }),
    );
  });

  test('decoded strings own their memory, even when they come out of a Buffer', () => {
    const chunk = Buffer.alloc(4096);
    chunk.set(hex('c783646f67820400'), 100);
    const [dog] = asList(decodeRlp(chunk.subarray(100, 108)));
    chunk.fill(0);
    expect(dog).toEqual(text('dog'));
    expect(asBytes(dog).buffer.byteLength).toBe(3);
  });
});

describe('RLP, invalid', () => {
  // values: ethereum/tests RLPTests/invalidRLPTest.json
  const published: [name: string, encoded: string][] = [
    ['int32Overflow', 'bf0f000000000000021111'],
    ['int32Overflow2', 'ff0f000000000000021111'],
    ['wrongSizeList', 'f80180'],
    ['wrongSizeList2', 'f80100'],
    [
      'incorrectLengthInArray',
      'b9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df0',
    ],
    [
      'randomRLP',
      'f861f83eb9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df027b90015002d5ef8325ae4d034df55d4b58d0dfba64d61ddd17be00000b9001a00dae30907045a2f66fa36f2bb8aa9029cbb0b8a7b3b5c435ab331',
    ],
    ['bytesShouldBeSingleByte00', '8100'],
    ['bytesShouldBeSingleByte01', '8101'],
    ['bytesShouldBeSingleByte7F', '817f'],
    ['leadingZerosInLongLengthArray1', `b90040${'11'.repeat(64)}`],
    ['leadingZerosInLongLengthArray2', 'b800'],
    ['leadingZerosInLongLengthList1', `fb00000040${'11'.repeat(64)}`],
    ['leadingZerosInLongLengthList2', 'f800'],
    ['nonOptimalLongLengthArray1', 'b81000112233445566778899aabbccddeeff'],
    ['nonOptimalLongLengthArray2', 'b801ff'],
    ['nonOptimalLongLengthList1', 'f810000102030405060708090a0b0c0d0e0f'],
    ['nonOptimalLongLengthList2', 'f803112233'],
  ];
  const lies: [sentence: string, encoded: string][] = [
    ['no bytes at all', ''],
    ['a string one byte beyond the end', '83646f'],
    ['a list one byte beyond the end', 'c382aa'],
    ['an item beyond its list, though not beyond the input', 'c28401020304'],
    ['a length that is cut off', 'b9ff'],
    ['a length that its list cuts off', `c1b838${'11'.repeat(56)}`],
    ['a length of 2⁶⁴−1 in a string', 'bfffffffffffffffff'],
    ['a length of 2⁶⁴−1 in a list', 'ffffffffffffffffff'],
    ['a length of 2³²−1', 'bbffffffff'],
    ['a length of 2⁵³ in seven bytes', 'be20000000000000'],
    ['a length of 55 in the long form', `b837${'11'.repeat(55)}`],
    ['bytes behind the item', 'c000'],
  ];

  for (const [name, encoded] of [...published, ...lies])
    test(`F9: refuses ${name}`, () => {
      expect(() => decodeRlp(hex(encoded))).toThrow(malformed);
    });

  const cuts: [sentence: string, encoded: string, detail: string][] = [
    ['no bytes at all', '', 'an item is missing'],
    ['no bytes of a length field', 'b8', 'a length field beyond the end'],
    ['one of two bytes of a length field', 'b901', 'a length field beyond the end'],
    [
      'a length field that its list cuts off',
      `c1b838${'11'.repeat(56)}`,
      'a length field beyond the end',
    ],
  ];
  for (const [sentence, encoded, detail] of cuts)
    test(`F9: says what is missing: ${sentence}`, () => {
      expect(() => decodeRlp(hex(encoded))).toThrow(expect.objectContaining({ detail }));
    });

  test('F9: every cut of a valid message is refused', () => {
    const bytes = encodeRlp([1, [text('dog'), new Uint8Array(60)], new Uint8Array(300)]);
    for (let end = 0; end < bytes.length; end++)
      expect(() => decodeRlp(bytes.subarray(0, end))).toThrow(malformed);
  });

  test('any bytes decode or are malformed', () => {
    expectDecodesOrFaults(decodeRlp, ['malformedRlp']);
    expectDecodesOrFaults(decodeRlpPrefix, ['malformedRlp']);
  });
});

describe('RLP, bounded', () => {
  for (const depth of [MAX_RLP_DEPTH - 1, MAX_RLP_DEPTH])
    test(`F8: ${depth} lists deep is read`, () => {
      expect(bytesToHex(encodeRlp(decodeRlp(nested(depth))))).toBe(bytesToHex(nested(depth)));
    });

  for (const depth of [MAX_RLP_DEPTH + 1, 1024, 100_000])
    test(`F8: ${depth} lists deep is refused`, () => {
      expect(() => decodeRlp(nested(depth))).toThrow(malformed);
    });

  test('F8: many short list heads in a row are refused, whatever they claim', () => {
    expect(() => decodeRlp(new Uint8Array(100_000).fill(0xc1))).toThrow(malformed);
  });

  for (const byte of [0x01, 0x80, 0xc0])
    test(`F10: ${MAX_RLP_ITEMS} items are read and one more is refused, all of them 0x${byte.toString(16)}`, () => {
      const most = MAX_RLP_ITEMS - 1; // the list itself is one
      expect(asList(decodeRlp(listOf(new Uint8Array(most).fill(byte)))).length).toBe(most);
      expect(() => decodeRlp(listOf(new Uint8Array(most + 1).fill(byte)))).toThrow(malformed);
    });

  test('F10: 16 MiB of empty lists are refused', () => {
    expect(() => decodeRlp(listOf(new Uint8Array(0x1000000).fill(0xc0)))).toThrow(malformed);
  });

  test('F13: the work follows the size, not items times size', () => {
    const many = new Uint8Array(60_000).fill(1);
    const large = encodeRlp(new Uint8Array(8 * 1024 * 1024));
    expect(asList(decodeRlp(listOf(concatBytes(many, large)))).length).toBe(60_001);
  }, 2_000); // quadratic: half a terabyte of copies
});

describe('typed readers', () => {
  test('asList accepts a list of at least so many items', () => {
    const list: RlpValue = [Uint8Array.of(1), []];
    expect(asList(list)).toBe(list);
    expect(asList(list, 1)).toBe(list);
    expect(asList(list, 2)).toBe(list);
    expect(() => asList(list, 3)).toThrow(malformed);
    expect(() => asList(Uint8Array.of(1))).toThrow(malformed);
    expect(() => asList(undefined)).toThrow(malformed);
  });

  test('asBytes accepts a string of exactly the given length', () => {
    const bytes = Uint8Array.of(1, 2);
    expect(asBytes(bytes)).toBe(bytes);
    expect(asBytes(bytes, 2)).toBe(bytes);
    for (const length of [0, 1, 3]) expect(() => asBytes(bytes, length)).toThrow(malformed);
    expect(() => asBytes([])).toThrow(malformed);
    expect(() => asBytes(undefined)).toThrow(malformed);
  });

  const uints: [digits: string, max: number, value: number | null][] = [
    ['', 0, 0],
    ['01', 1, 1],
    ['02', 1, null],
    ['ff', 255, 255],
    ['0100', 255, null],
    ['ffff', 65_535, 65_535],
    ['010000', 65_535, null],
    ['7fffffff', 0x7fff_ffff, 0x7fff_ffff],
    ['80000000', 0x7fff_ffff, null],
    ['ffffffff', 0xffff_ffff, 0xffff_ffff],
    ['0100000000', 0xffff_ffff, null],
    ['1fffffffffffff', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['20000000000000', Number.MAX_SAFE_INTEGER, null],
    ['ffffffffffffff', Number.MAX_SAFE_INTEGER, null],
    ['ffffffffffffffff', Number.MAX_SAFE_INTEGER, null],
    ['ff'.repeat(200), Number.MAX_SAFE_INTEGER, null],
    ['00', 255, null],
    ['0001', 255, null],
  ];
  for (const [digits, max, value] of uints)
    test(`F9: digits "${digits.slice(0, 20)}" up to ${max} are ${value ?? 'refused'}`, () => {
      if (value === null) expect(() => asUint(hex(digits), max)).toThrow(malformed);
      else expect(asUint(hex(digits), max)).toBe(value);
    });

  test('F13: an integer that is too long is refused by its length, without being read', () => {
    const read = () => expect.unreachable('it was read');
    const long = Object.assign(new Uint8Array(1024 * 1024).fill(1), { reduce: read });
    expect(() => asUint(long, Number.MAX_SAFE_INTEGER)).toThrow(malformed);
    expect(() => asUint64(long)).toThrow(malformed);
  });

  test('F9: an integer of 64 bits is the largest safe one, and one of more bits is refused', () => {
    expect(asUint64(hex('ff'.repeat(8)))).toBe(Number.MAX_SAFE_INTEGER);
    expect(asUint64(hex('20'))).toBe(32);
    expect(() => asUint64(hex('ff'.repeat(9)))).toThrow(malformed);
  });

  test('every safe integer survives', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (uint) => {
        expect(asUint(decodeRlp(encodeRlp(uint)), Number.MAX_SAFE_INTEGER)).toBe(uint);
      }),
    );
  });
});

/** Lists in lists, written from the inside out: the encoder would recurse. */
function nested(depth: number): Uint8Array {
  const heads: Uint8Array[] = [];
  let length = 0;
  for (let level = 0; level < depth; level++) {
    const head = listHead(length);
    heads.push(head);
    length += head.length;
  }
  return concatBytes(...heads.reverse());
}

function listOf(payload: Uint8Array): Uint8Array {
  return concatBytes(listHead(payload.length), payload);
}

function listHead(length: number): Uint8Array {
  if (length <= 55) return Uint8Array.of(0xc0 + length);
  const digits = length.toString(16);
  const bytes = hex(digits.length % 2 ? `0${digits}` : digits);
  return concatBytes(Uint8Array.of(0xf7 + bytes.length), bytes);
}

function attempt<T>(act: () => T): T | 'refused' {
  try {
    return act();
  } catch {
    return 'refused';
  }
}
