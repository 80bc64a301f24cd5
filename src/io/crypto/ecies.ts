/**
 * The public-key encryption of auth and ack: secp256k1, AES-128-CTR, HMAC-SHA-256.
 * Source: devp2p/rlpx.md, "ECIES Encryption". The contents of the plaintext are left to others.
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { WireError } from '../wire/error.ts';
import { type Primitives, type PublicKey, type Random, randomSecret } from './primitives.ts';
import { PUBLIC_KEY_BYTES, parsePublicKey } from './public-key.ts';

const IV_BYTES = 16;
const TAG_BYTES = 32;
/** Half of the derived key encrypts, the other half becomes the MAC key. */
const HALF_KEY_BYTES = 16;

/** What encryption adds: ephemeral point, IV and tag. Also the shortest message there can be. */
export const ECIES_OVERHEAD_BYTES = PUBLIC_KEY_BYTES + IV_BYTES + TAG_BYTES;

/** Multiplies a point by the static secret. */
export type Decryptor = { ecdh(point: PublicKey): Promise<Uint8Array> };

/** `nextTurn` is awaited before each operation on the curve, if given. */
export type Encryptor = {
  readonly random: Random;
  readonly primitives: Primitives;
  readonly nextTurn?: () => Promise<void>;
};

/** @returns `R ‖ iv ‖ c ‖ tag`. `authData` is covered by the tag but not part of the result. */
export async function encrypt(
  remote: PublicKey,
  plaintext: Uint8Array,
  authData: Uint8Array,
  { random, primitives, nextTurn }: Encryptor,
): Promise<Uint8Array> {
  const secret = randomSecret(random, primitives);
  const iv = random(IV_BYTES);
  let point: PublicKey;
  let keys: Keys;
  try {
    await nextTurn?.();
    point = primitives.publicKeyOf(secret);
    await nextTurn?.();
    keys = deriveKeys(await primitives.ecdh(secret, remote), primitives);
  } finally {
    secret.fill(0);
  }
  try {
    const encrypted = primitives.aes128Ctr(keys.encryption, iv, plaintext);
    const tag = primitives.hmacSha256(keys.mac, iv, encrypted, authData);
    return concatBytes(point, iv, encrypted, tag);
  } finally {
    wipe(keys);
  }
}

/**
 * The point is parsed before the secret is touched, and the tag is compared before anything is
 * decrypted.
 *
 * @throws {WireError} `undecryptable` (too short, or the tag differs) or `invalidPublicKey`.
 */
export async function decrypt(
  key: Decryptor,
  ciphertext: Uint8Array,
  authData: Uint8Array,
  primitives: Primitives,
): Promise<Uint8Array> {
  if (ciphertext.length < ECIES_OVERHEAD_BYTES)
    throw new WireError('undecryptable', `${ciphertext.length} < ${ECIES_OVERHEAD_BYTES} bytes`);
  const ivAt = PUBLIC_KEY_BYTES;
  const dataAt = ivAt + IV_BYTES;
  const tagAt = ciphertext.length - TAG_BYTES;
  const point = parsePublicKey(ciphertext.subarray(0, ivAt));

  const keys = deriveKeys(await key.ecdh(point), primitives);
  try {
    const tag = primitives.hmacSha256(keys.mac, ciphertext.subarray(ivAt, tagAt), authData);
    if (!primitives.equal(tag, ciphertext.subarray(tagAt)))
      throw new WireError('undecryptable', 'the tag differs');
    const iv = ciphertext.subarray(ivAt, dataAt);
    return primitives.aes128Ctr(keys.encryption, iv, ciphertext.subarray(dataAt, tagAt));
  } finally {
    wipe(keys);
  }
}

/** NIST SP 800-56A, 5.8.1, with SHA-256 and no other info. */
export function concatKdf(shared: Uint8Array, bytes: number, primitives: Primitives): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let at = 0, counter = 1; at < bytes; counter++) {
    const block = primitives.sha256(bigEndian32(counter), shared);
    out.set(block.subarray(0, bytes - at), at);
    at += block.length;
    block.fill(0);
  }
  return out;
}

type Keys = { readonly encryption: Uint8Array; readonly mac: Uint8Array };

/** Wipes `shared`. */
function deriveKeys(shared: Uint8Array, primitives: Primitives): Keys {
  const derived = concatKdf(shared, 2 * HALF_KEY_BYTES, primitives);
  const encryption = derived.slice(0, HALF_KEY_BYTES);
  const mac = primitives.sha256(derived.subarray(HALF_KEY_BYTES));
  shared.fill(0);
  derived.fill(0);
  return { encryption, mac };
}

function wipe(keys: Keys): void {
  keys.encryption.fill(0);
  keys.mac.fill(0);
}

function bigEndian32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
