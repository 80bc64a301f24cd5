import * as secp256k1 from '@noble/secp256k1';
import { describe, expect, test } from 'vitest';

import { noblePrimitives as noble, type Primitives } from '../../../src/io/crypto/primitives.ts';
import { parsePublicKey } from '../../../src/io/crypto/public-key.ts';
import { FAST_SECRETS, fastPrimitives as fast } from '../../../src/testing/raw-peer/fast-crypto.ts';
import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';

const random = new SeededRandom('fast crypto');

function secret(number: number): Uint8Array {
  return secp256k1.etc.numberToBytesBE(BigInt(number));
}

test('the public key of each small number is the real public key', () => {
  for (const number of [1, 2, 3, 100, 249, FAST_SECRETS])
    expect(fast.publicKeyOf(secret(number))).toEqual(noble.publicKeyOf(secret(number)));
});

test('every private key is reduced to a small number', () => {
  const keys = new Set<string>();
  for (let draw = 0; draw < 3_000; draw += 1)
    keys.add(String(fast.publicKeyOf(random.bytes(32)).subarray(1, 9)));
  expect(keys.size).toBe(FAST_SECRETS);
  expect(fast.publicKeyOf(secret(FAST_SECRETS + 1))).toEqual(fast.publicKeyOf(secret(1)));
});

test('both sides agree, with each other and with the real implementation', async () => {
  for (const [ours, theirs] of [
    [7, 200],
    [250, 250],
    [1, 1],
  ] as const) {
    const agreed = await fast.ecdh(secret(ours), fast.publicKeyOf(secret(theirs)));
    expect(await fast.ecdh(secret(theirs), fast.publicKeyOf(secret(ours)))).toEqual(agreed);
    expect(await noble.ecdh(secret(ours), noble.publicKeyOf(secret(theirs)))).toEqual(agreed);
  }
});

test('the whole shared point is the real one, also for an opposite and for an unknown point', async () => {
  const opposite = secp256k1.Point.fromBytes(fast.publicKeyOf(secret(9)))
    .negate()
    .toBytes(false);
  for (const point of [
    fast.publicKeyOf(secret(200)),
    parsePublicKey(opposite),
    noble.publicKeyOf(random.bytes(32)),
  ])
    for (let time = 0; time < 2; time += 1) {
      const shared = await fast.ecdhPoint(secret(7), point);
      expect(shared).toEqual(await noble.ecdhPoint(secret(7), point));
      shared.fill(0);
    }
});

test('an unknown point is multiplied as usual', async () => {
  const proper = random.bytes(32);
  const agreed = await noble.ecdh(proper, fast.publicKeyOf(secret(9)));
  expect(await fast.ecdh(secret(9), noble.publicKeyOf(proper))).toEqual(agreed);
});

test('a compressed point is the real one, also for an opposite, for an unknown and for no point', () => {
  const known = fast.publicKeyOf(secret(9));
  const unknown = noble.publicKeyOf(random.bytes(32));
  for (const x of [known.subarray(1, 33), unknown.subarray(1, 33), secret(5)])
    for (const sign of [2, 3]) {
      const encoded = Uint8Array.of(sign, ...x);
      const result = fast.decompress(encoded);
      expect(result).toEqual(noble.decompress(encoded));
      result?.fill(0);
      expect(fast.decompress(encoded)).toEqual(noble.decompress(encoded));
    }
  expect(fast.decompress(Uint8Array.of(2, ...secret(5)))).toBe(null);
});

test('results are copies', async () => {
  for (let time = 0; time < 2; time += 1) {
    const [key, agreed] = [fast.publicKeyOf(secret(5)), await fast.ecdh(secret(5), point(6))];
    expect(parsePublicKey(key)).toEqual(noble.publicKeyOf(secret(5)));
    expect(agreed).toEqual(await noble.ecdh(secret(5), point(6)));
    key.fill(0);
    agreed.fill(0);
  }
});

const point = (number: number) => noble.publicKeyOf(secret(number));

describe('signatures', () => {
  test('are real ones, with low s, and recover to the key that made them', () => {
    for (let draw = 0; draw < 40; draw += 1) {
      const [hash, key] = [random.bytes(32), random.bytes(32)];
      const signature = fast.sign(hash, key);
      expect(signature).toHaveLength(65);
      expect(fast.recover(hash, signature)).toEqual(fast.publicKeyOf(key));
      expect(noble.recover(hash, signature)).toEqual(fast.publicKeyOf(key));
      const s = secp256k1.etc.bytesToNumberBE(signature.subarray(32, 64));
      expect(s <= secp256k1.Point.CURVE().n >> 1n).toBe(true);
    }
  });

  test('are verified with the result of the real implementation, also when something was changed', () => {
    const { n } = secp256k1.Point.CURVE();
    for (let draw = 0; draw < 4; draw += 1) {
      const [hash, key] = [random.bytes(32), random.bytes(32)];
      const signature = fast.sign(hash, key).subarray(0, 64);
      const s = secp256k1.etc.bytesToNumberBE(signature.subarray(32));
      const high = signature.slice();
      high.set(secp256k1.etc.numberToBytesBE(n - s), 32);
      const zero = signature.slice().fill(0, 32);
      const changed = signature.slice();
      changed[random.between(0, 63)]! ^= 1 << random.between(0, 7);
      const owner = fast.publicKeyOf(key);
      expect(fast.verify(hash, signature, owner)).toBe(true);
      for (const other of [signature, high, zero, changed, signature.subarray(1)])
        for (const of of [owner, point(1), noble.publicKeyOf(key)])
          expect(fast.verify(hash, other, of)).toBe(noble.verify(hash, other, of));
    }
  });

  test('of the real implementation are verified as usual', () => {
    const [hash, key] = [random.bytes(32), random.bytes(32)];
    const signature = noble.sign(hash, key).subarray(0, 64);
    expect(fast.verify(hash, signature, noble.publicKeyOf(key))).toBe(true);
    expect(fast.verify(hash, signature, fast.publicKeyOf(key))).toBe(false);
  });

  test('of the real implementation are recovered as usual', () => {
    const [hash, key] = [random.bytes(32), random.bytes(32)];
    expect(fast.recover(hash, noble.sign(hash, key))).toEqual(noble.publicKeyOf(key));
  });

  test('that were changed give the same result as the real implementation', () => {
    for (let draw = 0; draw < 60; draw += 1) {
      const hash = random.bytes(32);
      const signature = fast.sign(hash, random.bytes(32));
      signature[random.between(0, 64)]! ^= 1 << random.between(0, 7);
      expect(outcome(fast, hash, signature)).toEqual(outcome(noble, hash, signature));
    }
    const hash = random.bytes(32);
    const short = fast.sign(hash, secret(1)).subarray(1);
    expect(outcome(fast, hash, short)).toBe('unrecoverableSignature');
  });

  test.for([
    ['zero', 0n, 0n],
    ['not below the order', 5n, secp256k1.Point.CURVE().n],
  ] as const)('whose s is %s are unrecoverable, even if all else is valid', ([, s, beyond]) => {
    const { etc, Point } = secp256k1;
    const r = Point.BASE.multiply(3n).toAffine().x; // the nonce is 3, the key is 7
    const hash = etc.numberToBytesBE(etc.mod(s * 3n - r * 7n, Point.CURVE().n));
    const signature = new Uint8Array(65);
    signature.set(etc.numberToBytesBE(r));
    signature.set(etc.numberToBytesBE(s + beyond), 32);
    for (const parity of [0, 1]) {
      signature[64] = parity;
      expect(outcome(fast, hash, signature)).toBe('unrecoverableSignature');
    }
  });
});

function outcome(primitives: Primitives, hash: Uint8Array, signature: Uint8Array): unknown {
  try {
    return [...primitives.recover(hash, signature)];
  } catch (error) {
    return (error as { fault?: string }).fault ?? String(error);
  }
}
