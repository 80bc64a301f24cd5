import * as secp256k1 from '@noble/secp256k1';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import {
  nodeId,
  parsePublicKey,
  parseRawPublicKey,
  publicKeyHex,
  rawPublicKey,
} from '../../../src/io/crypto/public-key.ts';
import { hex, type InvalidPoints, loadVectors, toHex } from '../../support/crypto.ts';
import { P } from '../../support/curve.ts';

const { small_order, malformed } = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');
const { eip8 } = loadVectors<{
  eip8: { derivedPublic: Record<'staticPubA' | 'nodeIdA' | 'staticPubB' | 'nodeIdB', string> };
}>('eip8-handshake.json');
const refused = expect.objectContaining({ fault: 'invalidPublicKey' });
const G = toHex(secp256k1.Point.BASE.toBytes(false));

describe('parsePublicKey', () => {
  for (const { order, point } of small_order)
    test(`C1: a point of order ${order} on a sibling curve is refused`, () => {
      expect(() => parsePublicKey(hex(point))).toThrow(refused);
      expect(() => parseRawPublicKey(hex(point).subarray(1))).toThrow(refused);
    });

  for (const { why, bytes } of malformed)
    test(`C2, C3: refused: ${why}`, () => {
      expect(() => parsePublicKey(hex(bytes))).toThrow(refused);
    });

  test('C3: coordinates of p and above are refused even where they would reduce to a point', () => {
    const x = Array.from({ length: 20 }, (_, i) => BigInt(i + 1)).find(
      (candidate) => root(candidate ** 3n + 7n) !== null,
    );
    const y = root(x! ** 3n + 7n)!;
    expect(parseRawPublicKey(raw(x!, y))).toHaveLength(65);
    const smallY = Array.from({ length: 20 }, (_, i) => BigInt(i + 1)).find(
      (candidate) => cubeRoot(candidate ** 2n - 7n) !== null,
    );
    const itsX = cubeRoot(smallY! ** 2n - 7n)!;
    expect(parseRawPublicKey(raw(itsX, smallY!))).toHaveLength(65);
    for (const [badX, badY] of [
      [x! + P, y],
      [P, y],
      [P + 1n, y],
      [itsX, smallY! + P],
      [x!, P],
    ] as const)
      expect(() => parseRawPublicKey(raw(badX, badY))).toThrow(refused);
  });

  test('C3: only a true copy of the coordinates counts: random bytes agree with the equation', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc
        .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: -1, max: 511 }))
        .map(([multiple, bit]) => flipped(rawMultiple(multiple), bit)),
    );
    fc.assert(
      fc.property(bytes, (candidate) => {
        expect(accepts(() => parseRawPublicKey(candidate))).toBe(satisfiesEquation(candidate));
      }),
      { numRuns: 300 },
    );
  });

  test('C11: the library refuses the bad points by itself as well', () => {
    for (const { point } of small_order)
      expect(() => secp256k1.getSharedSecret(new Uint8Array(32).fill(1), hex(point))).toThrow();
  });

  test('a raw key has exactly 64 bytes', () => {
    expect(() => parseRawPublicKey(hex(G))).toThrow(refused);
    expect(() => parseRawPublicKey(hex(G).subarray(2))).toThrow(refused);
    expect(() => parseRawPublicKey(new Uint8Array(0))).toThrow(refused);
  });

  test('the key is a copy, also of a Buffer', () => {
    const bytes = Buffer.from(G, 'hex');
    const key = parsePublicKey(bytes);
    bytes.fill(0);
    expect(toHex(key)).toBe(G);
  });
});

describe('names of a key', () => {
  test('the hex of a key has no prefix, and its node ID is the hash of that', () => {
    const { staticPubA, nodeIdA, staticPubB, nodeIdB } = eip8.derivedPublic;
    for (const [digits, id] of [
      [staticPubA, nodeIdA],
      [staticPubB, nodeIdB],
    ] as const) {
      const key = parseRawPublicKey(hex(digits));
      expect(publicKeyHex(key)).toBe(digits);
      expect(toHex(rawPublicKey(key))).toBe(digits);
      expect(nodeId(key)).toBe(id);
    }
  });
});

/** The definition, written again with bigints. */
function satisfiesEquation(bytes: Uint8Array): boolean {
  const x = BigInt(`0x${toHex(bytes.subarray(0, 32))}`);
  const y = BigInt(`0x${toHex(bytes.subarray(32))}`);
  return x < P && y < P && (y * y - x ** 3n - 7n) % P === 0n;
}

/** p is 3 modulo 4. */
function root(square: bigint): bigint | null {
  const result = power(square, (P + 1n) / 4n);
  return (result ** 2n - square) % P === 0n ? result : null;
}

/** p is 7 modulo 9. */
function cubeRoot(cube: bigint): bigint | null {
  const result = power(cube, (P + 2n) / 9n);
  return (result ** 3n - cube) % P === 0n ? result : null;
}

function power(value: bigint, exponent: bigint): bigint {
  let [result, base] = [1n, ((value % P) + P) % P];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result;
}

function raw(x: bigint, y: bigint): Uint8Array {
  return hex(x.toString(16).padStart(64, '0') + y.toString(16).padStart(64, '0'));
}

function rawMultiple(multiple: number): Uint8Array {
  return rawPublicKey(
    noblePrimitives.publicKeyOf(hex(multiple.toString(16).padStart(64, '0'))),
  ).slice();
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  if (bit >= 0) bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes;
}

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
