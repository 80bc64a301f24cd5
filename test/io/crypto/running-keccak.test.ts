import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { javascriptKeccak } from '../../../src/io/crypto/keccak-javascript.ts';
import { wasmKeccak } from '../../../src/io/crypto/keccak-wasm.ts';
import { runningKeccakOver } from '../../../src/io/crypto/running-keccak.ts';
import { digestOf, seededRandom } from '../../support/crypto.ts';

const IMPLEMENTATIONS = [
  ['WebAssembly', runningKeccakOver(wasmKeccak())],
  ['JavaScript', runningKeccakOver(javascriptKeccak())],
] as const;

/** Lengths around one, two and three blocks of 136 bytes, and around what is absorbed at once. */
const LENGTHS = [
  ...[...Array(140).keys()],
  ...[0, 136].flatMap((more) => [134, 135, 136, 137, 138].map((bytes) => 136 + more + bytes)),
  ...[8191, 8192, 8193, 8192 + 136, 16_384, 16_385],
];

const random = seededRandom('running keccak');

describe.each(IMPLEMENTATIONS)('the running hash in %s', (_, create) => {
  test('every length around the rate, in one part, agrees with noble', () => {
    for (const length of LENGTHS) {
      const bytes = random(length);
      const hash = create();
      hash.update(bytes);
      expect(digestOf(hash)).toEqual(keccak_256(bytes));
    }
  });

  test('every pair of lengths around the rate, with a digest between them, agrees with noble', () => {
    const near = [0, 1, 15, 16, 119, 120, 134, 135, 136, 137, 152, 271, 272, 273];
    for (const first of near)
      for (const second of near) {
        const [start, rest] = [random(first), random(second)];
        const hash = create();
        hash.update(start);
        expect(digestOf(hash)).toEqual(keccak_256(start));
        hash.update(rest);
        expect(digestOf(hash)).toEqual(keccak_256(concatBytes(start, rest)));
      }
  });

  test('a message of 3 MB, in parts of any size, agrees with noble', () => {
    const bytes = random(3_000_001);
    const oracle = keccak_256.create();
    const hash = create();
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 100_003) {
      hash.update(bytes.subarray(at, at + size));
      oracle.update(bytes.subarray(at, at + size));
      if (at % 5 === 0) expect(digestOf(hash)).toEqual(oracle.clone().digest());
    }
    expect(digestOf(hash)).toEqual(keccak_256(bytes));
  });

  test('hashes in turn do not disturb each other, wherever digests are taken', () => {
    const step = fc.record({
      which: fc.integer({ min: 0, max: 2 }),
      bytes: fc.uint8Array({ maxLength: 300 }),
      digests: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const hashes = [create(), create(), create()];
        const oracles = hashes.map(() => keccak_256.create());
        for (const { which, bytes, digests } of steps) {
          hashes[which]!.update(bytes);
          oracles[which]!.update(bytes);
          for (let i = 0; i < digests; i++)
            expect(digestOf(hashes[which]!)).toEqual(oracles[which]!.clone().digest());
        }
        for (const [index, hash] of hashes.entries())
          expect(digestOf(hash)).toEqual(oracles[index]!.digest());
      }),
      { numRuns: 200 },
    );
  });

  test('a part of a digest is its first bytes, and more than 32 are a mistake of the caller', () => {
    const hash = create();
    hash.update(random(40));
    const half = new Uint8Array(16);
    hash.digestInto(half);
    expect(half).toEqual(digestOf(hash).subarray(0, 16));
    expect(() => hash.digestInto(new Uint8Array(33))).toThrow(RangeError);
  });

  test('what is hashed may be changed afterwards, and is not changed itself', () => {
    const bytes = random(200);
    const before = bytes.slice();
    const hash = create();
    hash.update(bytes);
    expect(bytes).toEqual(before);
    bytes.fill(0);
    expect(digestOf(hash)).toEqual(keccak_256(before));
  });

  test('a view in the middle of a buffer, at any offset, is hashed', () => {
    const memory = random(600);
    for (let offset = 0; offset < 9; offset++) {
      const view = memory.subarray(offset, offset + 500);
      const hash = create();
      hash.update(view);
      expect(digestOf(hash)).toEqual(keccak_256(view));
    }
  });
});
