import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { compressSync, uncompressSync } from 'snappy';
import { describe, expect, test } from 'vitest';

import { compress, decompress, maxExpandedBytes } from '../../../src/io/wire/snappy.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';
import vectors from '../../vectors/rlpx-frame.json' with { type: 'json' };
import besu from '../../vectors/rlpx-frames-besu-peer1.json' with { type: 'json' };

const MAX = 0xffffff;
const hex = hexToBytes;
const malformed = fault('malformedSnappy');
const tooBig = fault('messageTooBig');

describe('Snappy, published', () => {
  for (const { name, compressed, uncompressed } of vectors.snappy)
    if (uncompressed !== undefined)
      test(`${name} is decompressed`, () => {
        expect(bytesToHex(decompress(hex(compressed), MAX))).toBe(uncompressed);
        expect(bytesToHex(decompress(compress(hex(uncompressed)), MAX))).toBe(uncompressed);
      });

  for (const { name, compressed, expect: verdict } of vectors.snappy)
    if (verdict?.startsWith('reject:'))
      test(`F4: ${name} is refused`, () => {
        const expected = verdict.includes('16 MiB') ? tooBig : malformed;
        expect(() => decompress(hex(compressed), MAX)).toThrow(expected);
      });

  for (const message of besu.messages)
    if (message.content !== undefined && message.snappyUncompressedLength !== undefined)
      test(`message ${message.index} of ${besu.name} is decompressed`, () => {
        const payload = decompress(hex(message.content).subarray(1), MAX);
        expect(payload).toHaveLength(message.snappyUncompressedLength);
        expect(bytesToHex(keccak_256(payload))).toBe(message.snappyUncompressedKeccak256);
      });
});

describe('Snappy', () => {
  test('EIP-706: an empty message is one zero byte, and no bytes are no message', () => {
    expect(bytesToHex(compress(new Uint8Array(0)))).toBe('00');
    expect(decompress(hex('00'), MAX)).toHaveLength(0);
    expect(() => decompress(new Uint8Array(0), MAX)).toThrow(malformed);
  });

  test('what is compressed is decompressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 40 }), (one, n) => {
        const payload = concatBytes(...Array.from({ length: n }, () => one));
        expect(decompress(compress(payload), payload.length)).toEqual(payload);
      }),
    );
  });

  test('every length up to 70 of the three kinds of bytes is what the library makes of it', () => {
    for (let length = 0; length <= 70; length++)
      for (const payload of [
        new Uint8Array(length),
        Uint8Array.from({ length }, (_, index) => index * 37),
        Uint8Array.from({ length }, (_, index) => index % 4),
      ]) {
        const block = compress(payload);
        expect(uncompressSync(block, { asBuffer: true })).toEqual(Buffer.from(payload));
        expect(decompress(block, 100)).toEqual(payload);
        expect(decompress(compressSync(payload), 100)).toEqual(payload);
      }
  });

  test('a short literal that is cut off, too long, or of another kind is no shortcut', () => {
    const block = compress(hex('0102030405060708'));
    expect(bytesToHex(block)).toBe('081c0102030405060708');
    for (const bad of [
      block.subarray(0, -1),
      concatBytes(block, hex('00')),
      hex('081b0102030405060708'),
      hex('081d0102030405060708'),
      hex('08200102030405060708'),
      hex('8800'),
    ])
      expect(() => decompress(bad, 100)).toThrow(malformed);
    expect(() => decompress(block, 7)).toThrow(tooBig);
  });

  test('F4: the best compression of the largest message is accepted', () => {
    const payload = new Uint8Array(MAX);
    expect(decompress(compress(payload), MAX)).toHaveLength(MAX);
    expect(() => compress(new Uint8Array(MAX + 1))).toThrow(RangeError);
  });

  test('results are plain arrays that own their memory', () => {
    const payload = new Uint8Array(100).fill(1);
    for (const result of [compress(payload), decompress(compress(payload), MAX)]) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(result.buffer.byteLength).toBe(result.length);
    }
  });

  test('any bytes are a payload or one of two faults', () => {
    const limited = (bytes: Uint8Array) => decompress(bytes, 1000);
    expectDecodesOrFaults(limited, ['malformedSnappy', 'messageTooBig']);
    const claims = fc
      .tuple(fc.nat(200), fc.uint8Array({ maxLength: 60 }))
      .map(([length, bytes]) => concatBytes(varint(length), bytes));
    expectDecodesOrFaults(limited, ['malformedSnappy', 'messageTooBig'], claims);
  });
});

describe('F4: a declared length is checked before any allocation', () => {
  for (const claimed of [MAX + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 35 - 1])
    test(`F4: ${claimed} bytes are too big`, () => {
      expect(() => decompress(varint(claimed), Number.POSITIVE_INFINITY)).toThrow(tooBig);
    });

  test('F4: 2²⁴−1 bytes are not too big, but need a payload to come from', () => {
    expect(() => decompress(varint(MAX), MAX)).toThrow(malformed);
  });

  test('F4: the caller’s limit is the last length that passes', () => {
    const compressed = compress(new Uint8Array(2048));
    expect(decompress(compressed, 2048)).toHaveLength(2048);
    expect(() => decompress(compressed, 2047)).toThrow(tooBig);
  });

  test('F2: what a block can become at most is known from its size', () => {
    expect([maxExpandedBytes(0), maxExpandedBytes(100)]).toEqual([64, 3_264]);
  });

  test('F4: a declared length of more than 32 times the block and 64 bytes is rejected', () => {
    const compressed = compress(new Uint8Array(1000)); // 2 bytes of it are the claim
    const most = 32 * compressed.length + 64;
    const claim = (length: number) => concatBytes(varint(length), compressed.subarray(2));
    expect(() => decompress(claim(most), MAX)).toThrow(/expected/); // only the detail tells that the decoder was asked
    expect(() => decompress(claim(most + 1), MAX)).toThrow(/1729 bytes declared for/);
    expect(() => decompress(claim(most + 1), MAX)).toThrow(malformed);
  });

  const broken: [sentence: string, bytes: string][] = [
    ['a length of six bytes', '808080808000'],
    ['a length of five bytes that goes on', 'ffffffffff'],
    ['a length that is cut off', '80'],
    ['a claim and no payload', '01'],
    ['a payload and no claim', '000000c0'],
    ['less than claimed', '0200c0'],
    ['more than claimed', '0104c0c0'],
    ['a copy from offset 0', '08006109010100'],
    ['a copy from before the beginning', '0800611505ff'],
    ['a literal that is cut off', '040c6162'],
  ];
  for (const [sentence, bytes] of broken)
    test(`F4: ${sentence} is malformed`, () => {
      expect(() => decompress(hex(bytes), MAX)).toThrow(malformed);
    });
});

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push(0x80 + (rest % 0x80));
  return Uint8Array.of(...bytes, rest);
}
