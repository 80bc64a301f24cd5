/**
 * What is never left to a library: the shape of a public key is checked by us, whatever the library would take; and
 * what is never done by ourselves: comparing bytes that must not tell by their time where they differ (C12).
 */
import * as node from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';

import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { parsePublicKey, parseRawPublicKey } from '../../../src/io/crypto/public-key.ts';

vi.mock('@noble/secp256k1', async (original) => {
  const module = await original<typeof import('@noble/secp256k1')>();
  return { ...module, utils: { ...module.utils, isValidPublicKey: () => true } };
});

vi.mock('node:crypto', async (original) => {
  const module = await original<typeof import('node:crypto')>();
  return { ...module, timingSafeEqual: vi.fn(module.timingSafeEqual) };
});

const refused = expect.objectContaining({ fault: 'invalidPublicKey' });

function encoded(prefix: number, bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(1).fill(prefix, 0, 1);
}

describe('with a library that takes every key', () => {
  test('C1: a point that is not on the curve is refused', () => {
    expect(() => parsePublicKey(encoded(4, 65))).toThrow(refused);
    expect(() => parseRawPublicKey(encoded(1, 64))).toThrow(refused);
  });

  test('C1: a key of another length does not', () => {
    for (const bytes of [1, 33, 64, 66, 129])
      expect(() => parsePublicKey(encoded(4, bytes))).toThrow(refused);
  });

  test('C1: a key with another prefix does not', () => {
    const point = noblePrimitives.publicKeyOf(new Uint8Array(32).fill(1));
    expect(parsePublicKey(point)).toEqual(point);
    for (const prefix of [0, 2, 3, 5, 6, 7, 0xff])
      expect(() => parsePublicKey(point.with(0, prefix))).toThrow(refused);
  });
});

test('C12: bytes of one length are compared in constant time, by Node', () => {
  const [a, b] = [encoded(1, 16), encoded(2, 16)];
  noblePrimitives.equal(a, b);
  expect(node.timingSafeEqual).toHaveBeenCalledExactlyOnceWith(a, b);
});
