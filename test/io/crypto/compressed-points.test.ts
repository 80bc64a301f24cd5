/** Compressed points of secp256k1, with every set of primitives. */
import * as secp256k1 from '@noble/secp256k1';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { compressedPublicKey } from '../../../src/io/crypto/public-key.ts';
import { hex } from '../../support/crypto.ts';
import { EVERY_SET } from '../../support/primitive-sets.ts';

const COORDINATE = { minLength: 32, maxLength: 32 };
const NEAR_THE_PRIME = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc'; // 62 of 64 digits

test.each(EVERY_SET)(
  '%s decompresses a point as noble does, and gives null for no point',
  (_, primitives) => {
    const x = fc.oneof(
      fc.uint8Array(COORDINATE),
      fc.nat(255).map((last) => hex(NEAR_THE_PRIME + last.toString(16).padStart(2, '0'))),
      fc
        .uint8Array(COORDINATE)
        .filter(noblePrimitives.isSecretKey)
        .map((secret) => compressedPublicKey(noblePrimitives.publicKeyOf(secret)).subarray(1)),
    );
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(x, fc.constantFrom(2, 3), (bytes, sign) => {
        const encoded = Uint8Array.of(sign, ...bytes);
        const isPoint = secp256k1.utils.isValidPublicKey(encoded, true);
        const point = isPoint ? secp256k1.Point.fromBytes(encoded).toBytes(false) : null;
        expect(primitives.decompress(encoded)).toEqual(point);
        seen.add(isPoint);
      }),
      { numRuns: 40, seed: 1 },
    );
    expect(seen.size).toBe(2);
  },
);
