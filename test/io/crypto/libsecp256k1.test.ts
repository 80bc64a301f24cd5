import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';

import { type Libsecp256k1Binding, libsecp256k1 } from '../../../src/io/crypto/libsecp256k1.ts';
import { noblePrimitives, type PublicKey } from '../../../src/io/crypto/primitives.ts';
import { hex, type InvalidPoints, loadVectors } from '../../support/crypto.ts';
import { isNativeMissing } from '../../support/primitive-sets.ts';

const { small_order, malformed } = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');
const require = createRequire(import.meta.url);
const secret = new Uint8Array(32).fill(1);
const point = noblePrimitives.publicKeyOf(new Uint8Array(32).fill(2));

describe.skipIf(isNativeMissing)('the native binding', () => {
  const binding = isNativeMissing
    ? null!
    : (require('secp256k1/bindings.js') as Libsecp256k1Binding);

  test('C11: the JavaScript fallback of the package is never loaded', () => {
    libsecp256k1();
    expect(Object.keys(require.cache).filter((path) => /elliptic|bn\.js/.test(path))).toEqual([]);
  });

  test('C1, C11: refuses by itself each point that is not on the curve', async () => {
    const { ecdh } = libsecp256k1();
    const off = [
      ...small_order.map(({ point: encoded }) => encoded),
      ...malformed.map(({ bytes }) => bytes).filter((bytes) => bytes.startsWith('04')),
    ];
    expect(off.length).toBeGreaterThan(15);
    for (const encoded of off)
      await expect(ecdh(secret, hex(encoded) as PublicKey)).rejects.toThrow(/public key/i);
  });

  test('C15: no coordinate of a shared point stays in the memory that it is computed in', async () => {
    const buffers: Uint8Array[] = [];
    const { ecdh, ecdhPoint } = libsecp256k1({
      ...binding,
      ecdh(remote, own, options, out) {
        buffers.push(options.xbuf, options.ybuf);
        return binding.ecdh(remote, own, options, out);
      },
    });
    const x = await ecdh(secret, point);
    expect(x.some((byte) => byte > 0)).toBe(true);
    expect((await ecdhPoint(secret, point)).subarray(1)).toEqual(x);
    expect(buffers.length).toBeGreaterThan(2);
    for (const buffer of buffers) expect(buffer).toEqual(new Uint8Array(32));
  });

  test('each instance is blinded with random bytes before its first use', () => {
    const calls: (string | Uint8Array)[] = [];
    libsecp256k1({
      ...binding,
      contextRandomize(seed) {
        calls.push(seed);
        binding.contextRandomize(seed);
      },
      publicKeyCreate(...inputs) {
        calls.push('publicKeyCreate');
        return binding.publicKeyCreate(...inputs);
      },
    });
    expect(calls[0]).toHaveLength(32);
    expect(calls[0]).not.toEqual(new Uint8Array(32));
    expect(calls[1]).toBe('publicKeyCreate');
  });

  test('one that computes something wrong is not used', () => {
    expect(() =>
      libsecp256k1({
        ...binding,
        ecdh(remote, own, options, out) {
          return binding.ecdh(remote, own, options, out).map((byte) => byte ^ 1);
        },
      }),
    ).toThrow('the shared secret that it computes is wrong');
    expect(() =>
      libsecp256k1({ ...binding, publicKeyCreate: () => new Uint8Array(65).fill(4) }),
    ).toThrow('not on the curve');
  });

  test('a signature that is too short, or has a recovery id above 3, does not reach it', () => {
    let calls = 0;
    const { recover } = libsecp256k1({
      ...binding,
      ecdsaRecover(...inputs) {
        calls++;
        return binding.ecdsaRecover(...inputs);
      },
    });
    const before = calls;
    for (const bad of [new Uint8Array(64), new Uint8Array(66), new Uint8Array(65).fill(4)])
      expect(() => recover(new Uint8Array(32), bad)).toThrow(
        expect.objectContaining({ fault: 'unrecoverableSignature' }),
      );
    expect(calls).toBe(before);
  });
});
