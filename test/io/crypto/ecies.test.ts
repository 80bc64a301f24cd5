import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { concatKdf, decrypt, ECIES_OVERHEAD_BYTES, encrypt } from '../../../src/io/crypto/ecies.ts';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import { systemRandom } from '../../../src/io/crypto/primitives.ts';
import { WireError } from '../../../src/io/wire/error.ts';
import {
  chosenPrimitives,
  countingPrimitives,
  forgeEcies,
  hex,
  type InvalidPoints,
  loadVectors,
  rememberingPrimitives,
  scriptedRandom,
  sealEcies,
  toHex,
} from '../../support/crypto.ts';
import { negatedPoint } from '../../support/curve.ts';

type Decryption = {
  source: string;
  privateKey: string;
  ciphertext: string;
  sharedMacData?: string;
  plaintext?: string;
  plaintextUtf8?: string;
};
const { ecies } = loadVectors<{
  ecies: {
    concatKdfSha256: { inputHex: string; length: number; output: string }[];
    decrypt: Decryption[];
    rejections: (Decryption & { expect: string })[];
  };
}>('rlpx-frame.json');
const points = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');

const primitives = rememberingPrimitives();
const key = createNodeKey(new Uint8Array(32).fill(1), primitives);
const sender = new Uint8Array(32).fill(2);
const senderPoint = primitives.publicKeyOf(sender);
const shared = await primitives.ecdh(sender, key.publicKey);
const authData = hex('cafe');

describe('concatKdf', () => {
  for (const { inputHex, length, output } of ecies.concatKdfSha256)
    test(`${length} bytes out of ${inputHex}`, () => {
      expect(toHex(concatKdf(hex(inputHex), length, primitives))).toBe(output);
    });
});

describe('decrypt', () => {
  for (const [index, vector] of ecies.decrypt.entries())
    test(`vector ${index}: ${vector.source}`, async () => {
      const { privateKey, ciphertext, sharedMacData, plaintext, plaintextUtf8 } = vector;
      const opened = await decrypt(
        createNodeKey(hex(privateKey)),
        hex(ciphertext),
        hex(sharedMacData ?? ''),
        primitives,
      );
      expect(toHex(opened)).toBe(plaintext ?? Buffer.from(plaintextUtf8!).toString('hex'));
    });

  for (const vector of ecies.rejections)
    test(`C1, C2: ${vector.expect}: ${vector.ciphertext.slice(0, 4)}…`, async () => {
      const fault = vector.expect.includes('invalid public key')
        ? 'invalidPublicKey'
        : 'undecryptable';
      const counted = countingPrimitives();
      const opening = decrypt(
        createNodeKey(hex(vector.privateKey), counted),
        hex(vector.ciphertext),
        hex(vector.sharedMacData ?? ''),
        counted,
      );
      await expect(opening).rejects.toMatchObject({ fault });
      expect(counted.count.ecdh).toBe(fault === 'undecryptable' ? 1 : 0);
    });

  const badPoints = [
    ...points.small_order.map(({ order, point }) => [`C1: order ${order}`, point] as const),
    ...points.malformed
      .filter(({ bytes }) => bytes.length === 130)
      .map(({ why, bytes }) => [`C2, C3: ${why}`, bytes] as const),
  ];
  for (const [why, point] of badPoints)
    test(`no multiplication for a bad point: ${why}`, async () => {
      const counted = countingPrimitives(primitives);
      const watched = createNodeKey(new Uint8Array(32).fill(1), counted);
      const forged = sealEcies(hex(point), shared, new Uint8Array(200), authData);
      await expect(decrypt(watched, forged, authData, counted)).rejects.toMatchObject({
        fault: 'invalidPublicKey',
      });
      expect(counted.count.ecdh).toBe(0);
    });

  test('C4: no size from 0 to 120 crashes, even with a tag that is right for what is left', async () => {
    for (let bytes = 0; bytes <= 120; bytes++) {
      const ivAndData = new Uint8Array(Math.max(0, bytes - 97)).fill(5);
      const message = forgeEcies(senderPoint, shared, ivAndData, authData).subarray(0, bytes);
      const opening = decrypt(key, message, authData, primitives);
      if (bytes < ECIES_OVERHEAD_BYTES)
        await expect(opening).rejects.toMatchObject({ fault: 'undecryptable' });
      else expect(await opening).toHaveLength(bytes - ECIES_OVERHEAD_BYTES);
    }
  });

  test('C12: a tag that differs in any byte is refused alike', async () => {
    const message = sealEcies(senderPoint, shared, hex('010203'), authData);
    const messages = new Set<string>();
    for (let at = message.length - 32; at < message.length; at++) {
      const bad = message.slice();
      bad[at]! ^= 0x80;
      await decrypt(key, bad, authData, primitives).catch((error: WireError) =>
        messages.add(error.message),
      );
    }
    expect(messages.size).toBe(1);
  });

  test('C12: only the primitive compares the tag', async () => {
    const message = sealEcies(senderPoint, shared, hex('010203'), authData);
    const strict = { ...primitives, equal: () => false };
    await expect(decrypt(key, message, authData, strict)).rejects.toMatchObject({
      fault: 'undecryptable',
    });
  });

  test('every changed byte is noticed, and so is other auth data', async () => {
    const message = sealEcies(senderPoint, shared, hex('010203'), authData);
    for (let at = 0; at < message.length; at++) {
      const bad = message.slice();
      bad[at]! ^= 1;
      await expect(decrypt(key, bad, authData, primitives)).rejects.toBeInstanceOf(WireError);
    }
    for (const other of ['', 'caff', 'cafe00'])
      await expect(decrypt(key, message, hex(other), primitives)).rejects.toMatchObject({
        fault: 'undecryptable',
      });
  });

  test('C16: a negated point decrypts to the same, so the raw bytes must seed the session', async () => {
    const message = sealEcies(senderPoint, shared, hex('010203'), authData);
    message.set(negatedPoint(senderPoint));
    expect(toHex(await decrypt(key, message, authData, primitives))).toBe('010203');
  });

  test('any bytes are decrypted or refused', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map((rest) => new Uint8Array([...senderPoint, ...rest])),
      fc
        .uint8Array({ maxLength: 200 })
        .map((ivAndData) => forgeEcies(senderPoint, shared, ivAndData, authData)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (message) => {
        try {
          await decrypt(key, message, authData, primitives);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('encrypt', () => {
  test('is undone by decrypt', async () => {
    const random = { random: systemRandom, primitives };
    for (const bytes of [0, 1, 15, 16, 17, 500]) {
      const plaintext = systemRandom(bytes);
      const message = await encrypt(key.publicKey, plaintext, authData, random);
      expect(message).toHaveLength(bytes + ECIES_OVERHEAD_BYTES);
      expect(toHex(await decrypt(key, message, authData, primitives))).toBe(toHex(plaintext));
    }
  });

  test('follows the random source: secret first, then the IV', async () => {
    const random = scriptedRandom(sender, new Uint8Array(16).fill(7));
    const message = await encrypt(key.publicKey, hex('aa'), authData, { random, primitives });
    expect(message).toEqual(sealEcies(senderPoint, shared, hex('aa'), authData));
  });

  test('C15: wipes the ephemeral secret and the shared secret', async () => {
    const given: Uint8Array[] = [];
    const random = (bytes: number) => {
      const drawn = systemRandom(bytes);
      given.push(drawn);
      return drawn;
    };
    const watching = {
      ...chosenPrimitives,
      async ecdh(...inputs: Parameters<typeof chosenPrimitives.ecdh>) {
        const x = await chosenPrimitives.ecdh(...inputs);
        given.push(x);
        return x;
      },
      sha256(...parts: Uint8Array[]) {
        const hash = chosenPrimitives.sha256(...parts);
        given.push(hash, parts.at(-1)!); // the shared secret, then half of the derived key
        return hash;
      },
    };
    const message = await encrypt(key.publicKey, hex('aa'), authData, {
      random,
      primitives: watching,
    });
    const iv = given[1];
    for (const bytes of given)
      expect(toHex(bytes)).toBe(
        bytes === iv ? toHex(message.slice(65, 81)) : '00'.repeat(bytes.length),
      );
    expect(given).toHaveLength(7);
  });
});
