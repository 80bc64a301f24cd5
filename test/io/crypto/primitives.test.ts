import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import * as secp256k1 from '@noble/secp256k1';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  isOnCurve,
  noblePrimitives,
  randomSecret,
  systemRandom,
} from '../../../src/io/crypto/primitives.ts';
import { parseRawPublicKey, publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { WireError } from '../../../src/io/wire/error.ts';
import { digestOf, hex, loadVectors, scriptedRandom, toHex } from '../../support/crypto.ts';
import { EVERY_SET } from '../../support/primitive-sets.ts';

type Vectors = {
  macs: { name: string; operations: { dataHex: string }[]; digest: string }[];
  ecies: {
    hmacSha256: { key: string; data: string; output: string }[];
    sha256: { data: string; output: string }[];
    ecdhX: {
      privateKey: string;
      publicKey: string;
      sharedX: string;
      otherPrivateKey?: string;
      source: string;
    }[];
    publicFromPrivate: { privateKey: string; publicKey: string }[];
  };
};
const { ecies, macs } = loadVectors<Vectors>('rlpx-frame.json');
const { eip8 } = loadVectors<{
  eip8: {
    keys: { nonceA: string };
    derivedPublic: { ephemeralPubA: string };
    staticSharedSecretX: string;
    authSignature: string;
  };
}>('eip8-handshake.json');

const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
const unrecoverable = expect.objectContaining({ fault: 'unrecoverableSignature' });

const COORDINATE = { minLength: 32, maxLength: 32 };
const NEAR_THE_PRIME = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc'; // 62 of 64 digits

test('a point is on the curve when noble says so', () => {
  const any = fc.uint8Array(COORDINATE);
  const near = fc.nat(255).map((last) => hex(NEAR_THE_PRIME + last.toString(16).padStart(2, '0')));
  const secret = fc.uint8Array(COORDINATE).filter(noblePrimitives.isSecretKey);
  const onCurve = secret.map((bytes) => noblePrimitives.publicKeyOf(bytes));
  const agrees = (point: Uint8Array): void => {
    expect(isOnCurve(point)).toBe(secp256k1.utils.isValidPublicKey(point, false));
  };
  const pair = (x: Uint8Array, y: Uint8Array) => Uint8Array.of(4, ...x, ...y);
  fc.assert(
    fc.property(onCurve, fc.integer({ min: 8, max: 519 }), (point, bit) => {
      agrees(point);
      const flipped = point.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      agrees(flipped);
      agrees(pair(point.subarray(33), point.subarray(1, 33)));
    }),
  );
  fc.assert(
    fc.property(fc.oneof(any, near), fc.oneof(any, near), (x, y) => {
      agrees(pair(x, y));
    }),
  );
  agrees(new Uint8Array(65).fill(4, 0, 1));
});

describe.each(EVERY_SET)('secp256k1: %s', (_, primitives) => {
  for (const { source, privateKey, publicKey, sharedX, otherPrivateKey } of ecies.ecdhX)
    test(`the shared x coordinate has 32 bytes and is right: ${source}`, async () => {
      const point = parseRawPublicKey(hex(publicKey));
      expect(toHex(await primitives.ecdh(hex(privateKey), point))).toBe(sharedX);
      if (otherPrivateKey === undefined) return;
      const ours = primitives.publicKeyOf(hex(privateKey));
      expect(toHex(await primitives.ecdh(hex(otherPrivateKey), ours))).toBe(sharedX);
    });

  test('public keys', () => {
    for (const { privateKey, publicKey } of ecies.publicFromPrivate)
      expect(publicKeyHex(primitives.publicKeyOf(hex(privateKey)))).toBe(publicKey);
  });

  test('secret keys run from 1 to the order, exclusive', () => {
    expect(primitives.isSecretKey(hex(ORDER))).toBe(false);
    expect(primitives.isSecretKey(new Uint8Array(32))).toBe(false);
    expect(primitives.isSecretKey(new Uint8Array(31).fill(1))).toBe(false);
    expect(primitives.isSecretKey(new Uint8Array(33).fill(1))).toBe(false);
    expect(primitives.isSecretKey(hex(`${ORDER.slice(0, -1)}0`))).toBe(true);
  });

  test('the signature of EIP-8 recovers to the ephemeral key', () => {
    const hash = hex(eip8.staticSharedSecretX).map((byte, i) => byte ^ hex(eip8.keys.nonceA)[i]!);
    const key = primitives.recover(hash, hex(eip8.authSignature));
    expect(publicKeyHex(key)).toBe(eip8.derivedPublic.ephemeralPubA);
  });

  test('C10: nonces follow RFC 6979, so the same message gives the same signature', () => {
    const [hash, secret] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const other = new Uint8Array(32).fill(3);
    expect(primitives.sign(hash, secret)).toEqual(primitives.sign(hash, secret));
    expect(primitives.sign(hash, secret)).not.toEqual(primitives.sign(other, secret));
  });

  test('v tells apart the two keys that could have signed', () => {
    const secrets = [3, 4, 5, 6, 7, 8].map((fill) => new Uint8Array(32).fill(fill));
    const hash = new Uint8Array(32).fill(9);
    const seen = new Set<number>();
    for (const secret of secrets) {
      const signature = primitives.sign(hash, secret);
      seen.add(signature[64]!);
      expect(primitives.recover(hash, signature)).toEqual(primitives.publicKeyOf(secret));
    }
    expect([...seen].sort()).toEqual([0, 1]);
  });

  test('an unrecoverable signature is a WireError', () => {
    const hash = new Uint8Array(32).fill(1);
    const good = primitives.sign(hash, new Uint8Array(32).fill(2));
    const withPart = (at: number, part: string) => {
      const bad = good.slice();
      bad.set(hex(part), at);
      return bad;
    };
    for (const bad of [
      withPart(64, '04'),
      withPart(64, '1b'),
      withPart(0, '00'.repeat(32)),
      withPart(32, '00'.repeat(32)),
      withPart(0, ORDER),
      withPart(32, ORDER),
      good.subarray(1),
      new Uint8Array(0),
    ])
      expect(() => primitives.recover(hash, bad)).toThrow(unrecoverable);
  });

  test('a signature is that of one key, hash and s', () => {
    const [hash, secret] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const [key, other] = [primitives.publicKeyOf(secret), primitives.publicKeyOf(hash)];
    const good = primitives.sign(hash, secret).subarray(0, 64);
    expect(primitives.verify(hash, good, key)).toBe(true);
    expect(primitives.verify(secret, good, key)).toBe(false);
    expect(primitives.verify(hash, good, other)).toBe(false);
    const withS = (s: string) => hex(`${toHex(good.subarray(0, 32))}${s.padStart(64, '0')}`);
    const highS = (BigInt(`0x${ORDER}`) - BigInt(`0x${toHex(good.subarray(32))}`)).toString(16);
    for (const bad of [withS(highS), withS('0'), withS(ORDER), new Uint8Array(64).fill(255)])
      expect(primitives.verify(hash, bad, key)).toBe(false);
    for (const length of [0, 63, 65])
      expect(primitives.verify(hash, new Uint8Array(length), key)).toBe(false);
    expect(() => primitives.verify(hash.subarray(1), good, key)).toThrow(RangeError);
  });

  test('any 65 bytes recover or are refused', () => {
    const bytes = fc.uint8Array({ minLength: 65, maxLength: 65 });
    const version = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(bytes, version, (signature, v) => {
        signature[64] = v;
        try {
          expect(isOnCurve(primitives.recover(new Uint8Array(32), signature))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a secret that was used may be wiped, and its memory used for another one', async () => {
    const secret = new Uint8Array(32).fill(3);
    const point = noblePrimitives.publicKeyOf(new Uint8Array(32).fill(4));
    const first = await primitives.ecdh(secret, point);
    secret.fill(5);
    expect(primitives.publicKeyOf(secret)).toEqual(noblePrimitives.publicKeyOf(secret));
    expect(await primitives.ecdh(secret, point)).toEqual(await noblePrimitives.ecdh(secret, point));
    expect(await primitives.ecdh(secret, point)).not.toEqual(first);
  });

  test('callers own what they get: wiping it changes no later answer', async () => {
    const secret = new Uint8Array(32).fill(3);
    const key = primitives.publicKeyOf(secret);
    const shared = await primitives.ecdh(secret, key);
    const [keyBefore, sharedBefore] = [key.slice(), shared.slice()];
    key.fill(0);
    shared.fill(0);
    expect(primitives.publicKeyOf(secret)).toEqual(keyBefore);
    expect(await primitives.ecdh(secret, keyBefore as typeof key)).toEqual(sharedBefore);
  });

  test('no error shows bytes of a secret', async () => {
    const secret = hex('ab'.repeat(31)); // too short
    const point = noblePrimitives.publicKeyOf(new Uint8Array(32).fill(4));
    for (const attempt of [
      () => primitives.publicKeyOf(secret),
      () => primitives.ecdh(secret, point),
      () => primitives.ecdhPoint(secret, point),
      () => primitives.sign(new Uint8Array(32), secret),
    ]) {
      const error = await new Promise((resolve) => resolve(attempt())).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(Error);
      const shown = inspect(error, { depth: 9, showHidden: true });
      expect(shown).not.toMatch(/abab|171, ?171/i);
    }
  });

  test('a hash of another size throws a RangeError', () => {
    const secret = new Uint8Array(32).fill(2);
    expect(() => primitives.sign(new Uint8Array(31), secret)).toThrow(RangeError);
    expect(() => primitives.recover(new Uint8Array(33), new Uint8Array(65))).toThrow(RangeError);
  });
});

describe.each(EVERY_SET)('hashes: %s', (_, primitives) => {
  test('SHA-256 and HMAC, in one part or in several', () => {
    for (const { data, output } of ecies.sha256)
      expect(toHex(primitives.sha256(hex(data)))).toBe(output);
    for (const { key, data, output } of ecies.hmacSha256) {
      expect(toHex(primitives.hmacSha256(hex(key), hex(data)))).toBe(output);
      const [first, rest] = [hex(data).subarray(0, 3), hex(data).subarray(3)];
      expect(toHex(primitives.hmacSha256(hex(key), first, rest))).toBe(output);
    }
    expect(toHex(primitives.hmacSha256(hex('0a'), hex('0b')))).toBe(
      createHmac('sha256', hex('0a')).update(hex('0b')).digest('hex'),
    );
  });

  test('the running hash matches the vectors', () => {
    for (const { operations, digest } of macs.slice(0, 2)) {
      const hash = primitives.runningKeccak256();
      for (const { dataHex } of operations) hash.update(hex(dataHex));
      expect(toHex(digestOf(hash).subarray(0, 16))).toBe(digest);
    }
  });

  test('asking the running hash changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (parts) => {
        const hash = primitives.runningKeccak256();
        for (const [index, part] of parts.entries()) {
          hash.update(part);
          expect(digestOf(hash)).toEqual(noblePrimitives.keccak256(...parts.slice(0, index + 1)));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe.each(EVERY_SET)('ciphers: %s', (_, primitives) => {
  test('AES-128-CTR agrees with Node', () => {
    const [key, iv, data] = [systemRandom(16), systemRandom(16), systemRandom(333)];
    const node = createDecipheriv('aes-128-ctr', key, iv);
    expect(Buffer.from(primitives.aes128Ctr(key, iv, data))).toEqual(node.update(data));
  });

  test('the AES-256-CTR stream goes on over calls of any size', () => {
    const key = new Uint8Array(32).fill(3);
    const pieceOfStream = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc
        .constantFrom(447, 448, 449, 511, 512, 513, 1024, 1025)
        .map((length) => systemRandom(length)),
    );
    fc.assert(
      fc.property(fc.array(pieceOfStream, { maxLength: 12 }), (parts) => {
        const stream = primitives.aes256CtrStream(key);
        const whole = createCipheriv('aes-256-ctr', key, new Uint8Array(16));
        const streamed = parts
          .map((part, index) => {
            if (index % 2 === 0) return toHex(stream.copy(part));
            const around = new Uint8Array(part.length + 2);
            around.set(part, 1);
            stream.apply(around, 1, 1 + part.length);
            expect([around[0], around.at(-1)]).toEqual([0, 0]);
            return toHex(around.subarray(1, -1));
          })
          .join('');
        expect(streamed).toBe(whole.update(Buffer.concat(parts)).toString('hex'));
      }),
      { numRuns: 50 },
    );
  });

  test('the single AES-256 block agrees with Node, wherever the bytes lie in memory', () => {
    const bytes = fc.uint8Array({ minLength: 52, maxLength: 52 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 3 }), (memory, offset) => {
        const key = memory.subarray(offset, offset + 32);
        const block = memory.subarray(offset + 32, offset + 48);
        const node = createCipheriv('aes-256-ecb', key, null);
        const expected = node.update(block).toString('hex');
        const out = new Uint8Array(16);
        const encrypt = primitives.aes256Block(key);
        encrypt(block, out);
        expect(toHex(out)).toBe(expected);
        encrypt(block, block);
        expect(toHex(block)).toBe(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe.each(EVERY_SET)('C12: equal: %s', (_, primitives) => {
  test('is true for the same bytes alone', () => {
    const tag = new Uint8Array(16).fill(5);
    expect(primitives.equal(tag, tag.slice())).toBe(true);
    for (let at = 0; at < 16; at++) {
      const other = tag.slice();
      other[at]! ^= 1;
      expect(primitives.equal(tag, other)).toBe(false);
    }
  });

  test('unequal lengths are unequal, not an exception', () => {
    expect(primitives.equal(new Uint8Array(16), new Uint8Array(15))).toBe(false);
    expect(primitives.equal(new Uint8Array(0), new Uint8Array(1))).toBe(false);
  });
});

describe('randomSecret', () => {
  test('draws again when the bytes are no secret key', () => {
    const good = new Uint8Array(32).fill(1);
    const random = scriptedRandom(new Uint8Array(32), hex(ORDER), good);
    expect(randomSecret(random, noblePrimitives)).toEqual(good);
  });

  test('gives up on a broken source', () => {
    expect(() => randomSecret((bytes) => new Uint8Array(bytes), noblePrimitives)).toThrow('random');
  });

  test('the system returns new bytes of the given length', () => {
    expect(systemRandom(32)).toHaveLength(32);
    expect(systemRandom(32)).not.toEqual(systemRandom(32));
  });
});
