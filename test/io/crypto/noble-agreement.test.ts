/** Every set computes on secp256k1 what @noble/secp256k1 computes. */
import * as secp256k1 from '@noble/secp256k1';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { EVERY_SET } from '../../support/primitive-sets.ts';

function recoveredByNoble(hash: Uint8Array, signature: Uint8Array): Uint8Array {
  const vFirst = Uint8Array.from([signature[64]!, ...signature.subarray(0, 64)]);
  return secp256k1.recoverPublicKey(vFirst, hash, { prehash: false, isCompressed: false });
}

describe.each(EVERY_SET)('%s', (_, primitives) => {
  test('any secret and hash give the keys, secrets and signatures of noble', async () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(bytes, bytes, bytes, async (secret, other, hash) => {
        fc.pre(noblePrimitives.isSecretKey(secret) && noblePrimitives.isSecretKey(other));
        const point = primitives.publicKeyOf(other);
        expect(point).toEqual(noblePrimitives.publicKeyOf(other));
        const shared = secp256k1.getSharedSecret(secret, point);
        expect(await primitives.ecdh(secret, point)).toEqual(shared.slice(1));
        expect(await primitives.ecdhPoint(secret, point)).toEqual(shared);
        const signature = primitives.sign(hash, secret);
        expect(signature).toEqual(noblePrimitives.sign(hash, secret));
        expect(primitives.recover(hash, signature)).toEqual(recoveredByNoble(hash, signature));
      }),
      { numRuns: 8 },
    );
  });

  test('a signature is valid when noble says so, with each bit of it and of its hash', () => {
    const [hash, secret] = [new Uint8Array(32).fill(6), new Uint8Array(32).fill(7)];
    const key = primitives.publicKeyOf(secret);
    const whole = Uint8Array.from([...hash, ...primitives.sign(hash, secret).subarray(0, 64)]);
    const agrees = (bytes: Uint8Array): void => {
      const [signed, signature] = [bytes.subarray(0, 32), bytes.subarray(32)];
      expect(primitives.verify(signed, signature, key)).toBe(
        secp256k1.verify(signature, signed, key, { prehash: false }),
      );
    };
    agrees(whole);
    agrees(whole.map((byte, at) => (at < 32 ? 0 : byte)));
    for (let bit = 0; bit < 8 * whole.length; bit += 13) {
      const flipped = whole.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      agrees(flipped);
    }
  });

  test('any 65 bytes recover to the same key as with noble, or are refused by both', () => {
    const bytes = fc.uint8Array({ minLength: 65, maxLength: 65 });
    const keyOrNull = (recover: typeof recoveredByNoble, hash: Uint8Array, bytes: Uint8Array) => {
      try {
        return recover(hash, bytes);
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 4 }), fc.nat(1), (signature, v, fill) => {
        signature[64] = v;
        const hash = new Uint8Array(32).fill(fill);
        expect(keyOrNull(primitives.recover, hash, signature)).toEqual(
          keyOrNull(recoveredByNoble, hash, signature),
        );
      }),
      { numRuns: 20 },
    );
  });
});
