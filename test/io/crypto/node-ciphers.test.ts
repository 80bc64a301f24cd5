import fc from 'fast-check';
import { expect, test } from 'vitest';

import { nodeCiphers } from '../../../src/io/crypto/node-ciphers.ts';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';

const bytes = fc.uint8Array({ maxLength: 400 });
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('SHA-256, HMAC, AES-CTR and AES-GCM are those of noble', () => {
  fc.assert(
    fc.property(bytes, bytes, sixteen, sixteen, (a, b, key, iv) => {
      const nonce = iv.subarray(4);
      const sealed = nodeCiphers.aes128GcmSeal(key, nonce, a, b);
      expect(sealed).toEqual(noblePrimitives.aes128GcmSeal(key, nonce, a, b));
      expect(nodeCiphers.aes128GcmOpen(key, nonce, sealed, b)).toEqual(a);
      expect(nodeCiphers.sha256(a, b)).toEqual(noblePrimitives.sha256(a, b));
      expect(nodeCiphers.hmacSha256(a, b, a)).toEqual(noblePrimitives.hmacSha256(a, b, a));
      expect(nodeCiphers.aes128Ctr(key, iv, a)).toEqual(noblePrimitives.aes128Ctr(key, iv, a));
    }),
  );
});

test('results share no memory with anything else', () => {
  const sealed = nodeCiphers.aes128GcmSeal(
    new Uint8Array(16),
    new Uint8Array(12),
    Uint8Array.of(1),
    new Uint8Array(),
  );
  const results = [
    nodeCiphers.sha256(Uint8Array.of(1)),
    nodeCiphers.hmacSha256(Uint8Array.of(1), Uint8Array.of(2)),
    nodeCiphers.aes128Ctr(new Uint8Array(16), new Uint8Array(16), Uint8Array.of(1)),
    sealed,
    nodeCiphers.aes128GcmOpen(new Uint8Array(16), new Uint8Array(12), sealed, new Uint8Array())!,
  ];
  for (const result of results)
    expect([result.buffer.byteLength, result.constructor]).toEqual([result.length, Uint8Array]);
});

test('a key or an IV of another length is an error', () => {
  const { aes128Ctr } = nodeCiphers;
  expect(() => aes128Ctr(new Uint8Array(15), new Uint8Array(16), new Uint8Array(1))).toThrow();
  expect(() => aes128Ctr(new Uint8Array(16), new Uint8Array(15), new Uint8Array(1))).toThrow();
});
