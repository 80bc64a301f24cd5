import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  deriveKeys,
  MAX_MESSAGES_PER_KEY,
  messageNonce,
  signIdNonce,
  verifyIdNonce,
  wipeKeys,
} from '../../../src/io/crypto/discv5-keys.ts';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import { noblePrimitives, systemRandom } from '../../../src/io/crypto/primitives.ts';
import { parseCompressedPublicKey } from '../../../src/io/crypto/public-key.ts';
import { hex, loadVectors, scriptedRandom, toHex } from '../../support/crypto.ts';
import { EVERY_SET } from '../../support/primitive-sets.ts';

type Vector = Readonly<Record<string, string>>;
const { primitives: vectors } = loadVectors<{
  readonly primitives: Readonly<
    Record<'ecdh' | 'keyDerivation' | 'idNonceSigning' | 'aesGcm', readonly Vector[]>
  >;
}>('discv5-wire.json');

/** Each list of the vectors has one. */
const [ecdh] = vectors.ecdh;
const [derivation] = vectors.keyDerivation;
const [signing] = vectors.idNonceSigning;
const [gcm] = vectors.aesGcm;

describe.each(EVERY_SET)('published values: %s', (_, primitives) => {
  test('the shared point', async () => {
    const point = parseCompressedPublicKey(hex(ecdh!['public-key']!));
    const shared = await primitives.ecdhPoint(hex(ecdh!['secret-key']!), point);
    expect(toHex(shared)).toBe(ecdh!['shared-secret']);
  });

  test('the keys of a session', async () => {
    const vector = derivation!;
    const point = parseCompressedPublicKey(hex(vector['dest-pubkey']!));
    const secret = await primitives.ecdhPoint(hex(vector['ephemeral-key']!), point);
    const keys = deriveKeys(
      {
        secret,
        challengeData: hex(vector['challenge-data']!),
        initiatorId: vector['node-id-a']!,
        recipientId: vector['node-id-b']!,
      },
      primitives,
    );
    expect(toHex(keys.initiatorKey)).toBe(vector['initiator-key']);
    expect(toHex(keys.recipientKey)).toBe(vector['recipient-key']);
  });

  test('the identity proof', () => {
    const vector = signing!;
    const key = createNodeKey(hex(vector['static-key']!), primitives);
    const proof = {
      challengeData: hex(vector['challenge-data']!),
      ephemeralKey: hex(vector['ephemeral-pubkey']!),
      recipientId: vector['node-id-B']!,
    };
    const signature = signIdNonce(proof, key, primitives);
    expect(toHex(signature)).toBe(vector['id-signature']);
    const isProven = (changed: object, by = key.publicKey, bytes = signature) =>
      verifyIdNonce({ ...proof, ...changed }, bytes, by, primitives);
    expect(isProven({})).toBe(true);
    expect(isProven({ recipientId: key.id })).toBe(false);
    expect(isProven({ challengeData: proof.challengeData.subarray(1) })).toBe(false);
    expect(isProven({ ephemeralKey: proof.ephemeralKey.map((byte) => byte ^ 1) })).toBe(false);
    expect(isProven({}, parseCompressedPublicKey(hex(ecdh!['public-key']!)))).toBe(false);
    for (const bytes of [new Uint8Array(64), new Uint8Array(64).fill(0xff), signature.subarray(1)])
      expect(isProven({}, key.publicKey, bytes)).toBe(false);
  });

  test('AES-GCM', () => {
    const vector = gcm!;
    const [key, nonce] = [hex(vector['encryption-key']!), hex(vector['nonce']!)];
    const [data, covered] = [hex(vector['pt']!), hex(vector['ad']!)];
    const sealed = primitives.aes128GcmSeal(key, nonce, data, covered);
    expect(toHex(sealed)).toBe(vector['message-ciphertext']);
    expect(primitives.aes128GcmOpen(key, nonce, sealed, covered)).toEqual(data);
  });
});

describe.each(EVERY_SET)('primitives of discv5: %s', (_, primitives) => {
  test('the shared point is compressed, with the shared x coordinate and either sign', async () => {
    const secret = new Uint8Array(32).fill(2);
    const signs = new Set<number>();
    for (const fill of [3, 4, 5, 6, 7, 8]) {
      const point = primitives.publicKeyOf(new Uint8Array(32).fill(fill));
      const shared = await primitives.ecdhPoint(secret, point);
      expect(shared.subarray(1)).toEqual(await primitives.ecdh(secret, point));
      signs.add(shared[0]!);
    }
    expect([...signs].sort()).toEqual([2, 3]);
  });

  test('AES-128-GCM opens what it sealed, and nothing that was changed', () => {
    const bytes = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (data, covered, place) => {
        const [key, nonce] = [systemRandom(16), systemRandom(12)];
        const sealed = primitives.aes128GcmSeal(key, nonce, data, covered);
        expect(sealed).toHaveLength(data.length + 16);
        expect(noblePrimitives.aes128GcmOpen(key, nonce, sealed, covered)).toEqual(data);
        expect(primitives.aes128GcmOpen(key, nonce, sealed, covered)).toEqual(data);
        const changed = sealed.slice();
        changed[place % sealed.length]! ^= 1;
        expect(primitives.aes128GcmOpen(key, nonce, changed, covered)).toBeNull();
        const more = Uint8Array.of(...covered, 0);
        expect(primitives.aes128GcmOpen(key, nonce, sealed, more)).toBeNull();
        expect(primitives.aes128GcmOpen(key, nonce, sealed.subarray(0, 15), covered)).toBeNull();
      }),
      { numRuns: 30 },
    );
  });
});

test('the nonce of a message starts with its number', () => {
  const random = scriptedRandom(hex('1112131415161718'), hex('2122232425262728'));
  expect(toHex(messageNonce(7, random))).toBe('000000071112131415161718');
  expect(toHex(messageNonce(MAX_MESSAGES_PER_KEY - 1, random))).toBe('ffffffff2122232425262728');
});

test('keys that were wiped are zero', () => {
  const keys = { readKey: new Uint8Array(16).fill(1), writeKey: new Uint8Array(16).fill(2) };
  wipeKeys(keys);
  expect(keys).toEqual({ readKey: new Uint8Array(16), writeKey: new Uint8Array(16) });
});
