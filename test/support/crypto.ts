/**
 * Vectors, scripted randomness, and primitives that count or remember, for the tests of
 * `io/crypto`.
 */
import { readFileSync } from 'node:fs';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

import { concatKdf } from '../../src/io/crypto/ecies.ts';
import { defaultSet, primitivesOf } from '../../src/io/crypto/primitive-sets.ts';
import {
  noblePrimitives,
  type Primitives,
  type Random,
  type RunningHash,
} from '../../src/io/crypto/primitives.ts';

export const hex = hexToBytes;
export const toHex = bytesToHex;

/** The set of `PEERCHART_PRIMITIVES`: suites that use it pass with each (`npm run primitives`). */
export const chosenPrimitives = primitivesOf(defaultSet()).primitives;

/** A file of `test/vectors`; its own `source` fields say where the values come from. */
export function loadVectors<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')) as T;
}

export type InvalidPoints = {
  small_order: { order: number; b: string; point: string }[];
  malformed: { why: string; bytes: string }[];
};

/** `legacyPreEip8` of `eip8-handshake.json`. */
export type LegacyGist = Record<
  | 'initiatorPrivateKey'
  | 'receiverPrivateKey'
  | 'initiatorEphemeralPrivateKey'
  | 'receiverEphemeralPrivateKey'
  | 'initiatorNonce'
  | 'receiverNonce'
  | 'authCiphertext'
  | 'authrespCiphertext'
  | 'aesSecret'
  | 'macSecret'
  | 'initialEgressMAC'
  | 'initialIngressMAC',
  string
>;

/** Gives the parts in this order, and insists that each is asked for by its length. */
export function scriptedRandom(...parts: Uint8Array[]): Random {
  const left = [...parts];
  return (bytes) => {
    const next = left.shift();
    if (next?.length !== bytes) throw new Error(`asked for ${bytes}, scripted ${next?.length}`);
    return new Uint8Array(next);
  };
}

/** Same seed, same bytes. */
export function seededRandom(seed: string): Random {
  let calls = 0;
  return (bytes) => {
    const call = new TextEncoder().encode(`${seed}/${calls++}`);
    return concatKdf(call, bytes, noblePrimitives);
  };
}

/** The digest so far, 32 bytes. */
export function digestOf(hash: RunningHash): Uint8Array {
  const digest = new Uint8Array(32);
  hash.digestInto(digest);
  return digest;
}

/** Does each multiplication once per pair of inputs, so that suites stay fast. */
export function rememberingPrimitives(inner: Primitives = chosenPrimitives): Primitives {
  const memory = new Map<string, Uint8Array>();
  /** Callers wipe what they get, so each gets a copy. */
  const remembered = <Bytes extends Uint8Array>(question: string, ask: () => Bytes): Bytes => {
    const answer = memory.get(question) ?? ask();
    memory.set(question, answer);
    return new Uint8Array(answer) as Bytes;
  };
  return {
    ...inner,
    async ecdh(secret, point) {
      const question = toHex(secret) + toHex(point);
      const answer = memory.get(question) ?? (await inner.ecdh(secret, point));
      memory.set(question, answer);
      return new Uint8Array(answer);
    },
    async ecdhPoint(secret, point) {
      const question = `point ${toHex(secret)} ${toHex(point)}`;
      const answer = memory.get(question) ?? (await inner.ecdhPoint(secret, point));
      memory.set(question, answer);
      return new Uint8Array(answer);
    },
    publicKeyOf: (secret) => remembered(toHex(secret), () => inner.publicKeyOf(secret)),
    sign: (hash, secret) =>
      remembered(`sign ${toHex(hash)} ${toHex(secret)}`, () => inner.sign(hash, secret)),
    recover: (hash, signature) =>
      remembered(`recover ${toHex(hash)} ${toHex(signature)}`, () =>
        inner.recover(hash, signature),
      ),
  };
}

/** Compare nothing any more, but throw, from `break()` on: a mistake of ours in the middle of reading. */
export function brittlePrimitives(inner: Primitives): {
  readonly primitives: Primitives;
  break(): void;
} {
  let { equal } = inner;
  return {
    primitives: { ...inner, equal: (a, b) => equal(a, b) },
    break: () => {
      equal = () => {
        throw new Error('broken on purpose');
      };
    },
  };
}

/** Counts multiplications of a point by a secret. */
export function countingPrimitives(inner: Primitives = chosenPrimitives): Primitives & {
  readonly count: { ecdh: number };
} {
  const count = { ecdh: 0 };
  return {
    ...inner,
    count,
    ecdh(secret, point) {
      count.ecdh++;
      return inner.ecdh(secret, point);
    },
  };
}

/**
 * ECIES as an attacker who knows `shared` would do it: any point, any IV and data, and a tag that
 * fits.
 */
export function forgeEcies(
  point: Uint8Array,
  shared: Uint8Array,
  ivAndData: Uint8Array,
  authData: Uint8Array,
): Uint8Array {
  const derived = concatKdf(shared, 32, noblePrimitives);
  const macKey = noblePrimitives.sha256(derived.subarray(16));
  const tag = noblePrimitives.hmacSha256(macKey, ivAndData, authData);
  return concatBytes(point, ivAndData, tag);
}

/** {@link forgeEcies} around `plaintext`, properly encrypted. */
export function sealEcies(
  point: Uint8Array,
  shared: Uint8Array,
  plaintext: Uint8Array,
  authData: Uint8Array,
): Uint8Array {
  const iv = new Uint8Array(16).fill(7);
  const key = concatKdf(shared, 16, noblePrimitives);
  const data = noblePrimitives.aes128Ctr(key, iv, plaintext);
  return forgeEcies(point, shared, concatBytes(iv, data), authData);
}

export function sizePrefix(bytes: number): Uint8Array {
  return Uint8Array.of(bytes >>> 8, bytes);
}

/** `bytes` in pieces of `size`, the last one shorter. */
export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
