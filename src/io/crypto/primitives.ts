/**
 * Every cryptographic primitive of this folder behind one type, so that a faster or an instrumented set
 * can replace it. The other files combine the primitives.
 */
import { createCipheriv, randomFillSync, timingSafeEqual } from 'node:crypto';
import { unsafe as aes, ctr, gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import * as secp256k1 from '@noble/secp256k1';

import { WireError } from '../wire/error.ts';
import { multiplyPoint } from './scalar-multiplication.ts';

/** `r ‖ s ‖ v` on the wire. */
export const SIGNATURE_BYTES = 65;
const HASH_BYTES = 32;
const SECRET_BYTES = 32;
const AES_BLOCK_BYTES = 16;
export const GCM_TAG_BYTES = 16;
const COORDINATE_BYTES = 32;

/** The prime of the field, and the constant of y² = x³ + 7. Source: SEC 2, 2.4.1. */
const FIELD = 2n ** 256n - 2n ** 32n - 977n;
const B = 7n;

/** Key stream made in advance, in bytes. Each direction of each connection holds that many. */
const KEY_STREAM_BYTES = 512;

/** Most bytes that the cipher returns at once where they are copied: so many stay in the cache. Ours. */
const CIPHER_PIECE_BYTES = 32 * 1024;

const { Point, Signature } = secp256k1;
const { bytesToNumberBE, invert, mod, numberToBytesBE, secretKeyToScalar } = secp256k1.etc;
const { n: ORDER } = Point.CURVE();

const ZEROS = new Uint8Array(KEY_STREAM_BYTES);
const NOTHING = new Uint8Array(0);

/** A working source needs a second draw once in 2¹²⁷; one that fails this often is broken. */
const MAX_SECRET_DRAWS = 8;

declare const onCurve: unique symbol;

/**
 * A finite point of secp256k1, 65 bytes `04 ‖ x ‖ y`. The brand means that the curve equation was
 * checked: bytes from outside obtain it from `public-key.ts` alone.
 */
export type PublicKey = Uint8Array & { readonly [onCurve]: true };

/** Returns that many unpredictable bytes, owned by the caller. */
export type Random = (bytes: number) => Uint8Array;

/** A Keccak-256 whose digest can be read before its end. */
export type RunningHash = {
  update(bytes: Uint8Array): void;
  /** Writes the first bytes of the digest, 32 at most, as many as `out` has; the running state continues. */
  digestInto(out: Uint8Array): void;
};

/** Encrypts or decrypts. Each call continues where the last one stopped. */
type CipherStream = {
  /** In place, from the offset `from` to `to`. */
  apply(bytes: Uint8Array, from: number, to: number): void;
  /** Leaves `bytes` as they are; the caller owns the result. */
  copy(bytes: Uint8Array): Uint8Array;
};

export type Primitives = {
  /**
   * The x coordinate of `secret · point`, left-padded to 32 bytes. A promise, so that it may leave
   * the thread.
   */
  ecdh(secret: Uint8Array, point: PublicKey): Promise<Uint8Array>;
  /** The point `secret · point` in its compressed form, 33 bytes, as discv5 shares it. */
  ecdhPoint(secret: Uint8Array, point: PublicKey): Promise<Uint8Array>;
  publicKeyOf(secret: Uint8Array): PublicKey;
  /** Only meaningful for 33 bytes that start with 0x02 or 0x03. Null when there is no such point. */
  decompress(encoded: Uint8Array): PublicKey | null;
  /** 32 bytes, not zero and below the order of the curve. */
  isSecretKey(secret: Uint8Array): boolean;
  /**
   * Signs a 32-byte hash; the nonce follows RFC 6979. Returns `r ‖ s ‖ v` with low s and v from 0 to 3.
   */
  sign(hash: Uint8Array, secret: Uint8Array): Uint8Array;
  /** Whether `key` signed the hash. The signature is `r ‖ s`; one with a high s is refused, as everywhere in Ethereum. */
  verify(hash: Uint8Array, signature: Uint8Array, key: PublicKey): boolean;
  /** Throws `unrecoverableSignature` when no key can have made the signature. */
  recover(hash: Uint8Array, signature: Uint8Array): PublicKey;
  keccak256(...parts: Uint8Array[]): Uint8Array;
  runningKeccak256(): RunningHash;
  sha256(...parts: Uint8Array[]): Uint8Array;
  hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array;
  /**
   * Takes the same time wherever the difference is. Unequal lengths, which are public, are unequal.
   */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  /** Encrypts or decrypts; `key` and `iv` are 16 bytes. */
  aes128Ctr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** Encrypts, and appends the tag of 16 bytes. `key` has 16 bytes, `nonce` 12; `covered` is authenticated as well. */
  aes128GcmSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    data: Uint8Array,
    covered: Uint8Array,
  ): Uint8Array;
  /** Null when the tag at the end of `sealed` is not of this key, nonce and data, or missing. */
  aes128GcmOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    covered: Uint8Array,
  ): Uint8Array | null;
  /** One key stream from a zero IV. */
  aes256CtrStream(key: Uint8Array): CipherStream;
  /** Encrypts single blocks of 16 bytes into `out`, which may be `block`. Expands the key once, here. */
  aes256Block(key: Uint8Array): (block: Uint8Array, out: Uint8Array) => void;
};

/** The operating system's generator. */
export const systemRandom: Random = (bytes) => randomFillSync(new Uint8Array(bytes));

/**
 * Pure JavaScript throughout, except the frame cipher, which Node does 25 times faster. What the faster sets of
 * `primitive-sets.ts` are tested against, and what takes the place of a part that they lack.
 */
export const noblePrimitives: Primitives = {
  ecdh: async (secret, point) => sharedPoint(secret, point).slice(1),
  ecdhPoint: async (secret, point) => sharedPoint(secret, point),
  publicKeyOf: (secret) => minted(secp256k1.getPublicKey(secret, false)),
  decompress,
  isSecretKey: (secret) => secp256k1.utils.isValidSecretKey(secret),
  sign,
  verify,
  recover,
  keccak256: (...parts) => keccak_256(concatBytes(...parts)),
  runningKeccak256,
  sha256: (...parts) => sha256(concatBytes(...parts)),
  hmacSha256: (key, ...parts) => hmac(sha256, key, concatBytes(...parts)),
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  aes128Ctr: (key, iv, data) => ctr(key, iv).encrypt(data),
  aes128GcmSeal: (key, nonce, data, covered) => gcm(key, nonce, covered).encrypt(data),
  aes128GcmOpen,
  aes256CtrStream,
  aes256Block,
};

/** Only meaningful for 65 bytes that start with 0x04: checks x < p, y < p and y² = x³ + 7. A tenth of what noble takes. */
export function isOnCurve(encoded: Uint8Array): encoded is PublicKey {
  const { buffer, byteOffset } = encoded;
  const words = new DataView(buffer, byteOffset + 1, 2 * COORDINATE_BYTES);
  const [x, y] = [coordinateAt(words, 0), coordinateAt(words, COORDINATE_BYTES)];
  return x < FIELD && y < FIELD && (y * y - x * x * x - B) % FIELD === 0n;
}

function coordinateAt(words: DataView, at: number): bigint {
  return (
    (words.getBigUint64(at) << 192n) |
    (words.getBigUint64(at + 8) << 128n) |
    (words.getBigUint64(at + 16) << 64n) |
    words.getBigUint64(at + 24)
  );
}

function decompress(encoded: Uint8Array): PublicKey | null {
  let point: secp256k1.Point;
  try {
    point = Point.fromBytes(encoded);
  } catch {
    return null;
  }
  return minted(point.toBytes(false));
}

/** A fresh secret key; the caller wipes it. Throws when the source keeps giving unusable bytes. */
export function randomSecret(random: Random, primitives: Primitives): Uint8Array {
  for (let draw = 0; draw < MAX_SECRET_DRAWS; draw++) {
    const secret = random(SECRET_BYTES);
    if (primitives.isSecretKey(secret)) return secret;
  }
  throw new Error(`"random" gave no usable secret key in ${MAX_SECRET_DRAWS} draws`);
}

secp256k1.hashes.sha256 = sha256;
secp256k1.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

function sign(hash: Uint8Array, secret: Uint8Array): Uint8Array {
  requireHash(hash);
  const noble = secp256k1.sign(hash, secret, { prehash: false, format: 'recovered' });
  return concatBytes(noble.subarray(1), noble.subarray(0, 1)); // noble puts v first, the wire last
}

function verify(hash: Uint8Array, signature: Uint8Array, key: PublicKey): boolean {
  requireHash(hash);
  if (signature.length !== SIGNATURE_BYTES - 1) return false;
  try {
    const { r, s } = Signature.fromBytes(signature);
    if (s > ORDER / 2n) return false;
    const inverse = invert(s, ORDER);
    const place = sumOf(mod(bytesToNumberBE(hash) * inverse, ORDER), {
      point: Point.fromBytes(key),
      scalar: mod(r * inverse, ORDER),
    });
    return mod(place.x, ORDER) === r;
  } catch {
    return false;
  }
}

function recover(hash: Uint8Array, signature: Uint8Array): PublicKey {
  requireHash(hash);
  if (signature.length !== SIGNATURE_BYTES)
    throw new WireError('unrecoverableSignature', `${signature.length} bytes`);
  const noble = concatBytes(signature.subarray(64), signature.subarray(0, 64));
  let key: Uint8Array;
  try {
    const { r, s, recovery = 0 } = Signature.fromBytes(noble, 'recovered');
    const x = numberToBytesBE(recovery < 2 ? r : r + ORDER);
    const point = Point.fromBytes(concatBytes(Uint8Array.of(2 + (recovery % 2)), x));
    const inverse = invert(r, ORDER);
    key = sumOf(mod(-bytesToNumberBE(hash) * inverse, ORDER), {
      point,
      scalar: mod(s * inverse, ORDER),
    }).toBytes(false);
  } catch {
    throw new WireError('unrecoverableSignature', 'no public key fits it');
  }
  return minted(key);
}

/** Compressed. */
function sharedPoint(secret: Uint8Array, point: PublicKey): Uint8Array {
  return affine(multiplyPoint(Point.fromBytes(point), secretKeyToScalar(secret))).toBytes();
}

/** `scalar` times the base point, and the other product. Only for what is public: `scalar` may be 0. */
function sumOf(
  scalar: bigint,
  other: { readonly point: secp256k1.Point; readonly scalar: bigint },
): secp256k1.Point {
  return affine(Point.BASE.multiply(scalar, false).add(multiplyPoint(other.point, other.scalar)));
}

/** Divided once; noble divides each time that it encodes or reads a coordinate. */
const affine = (point: secp256k1.Point): secp256k1.Point => Point.fromAffine(point.toAffine());

function aes128GcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  covered: Uint8Array,
): Uint8Array | null {
  if (sealed.length < GCM_TAG_BYTES) return null;
  try {
    return gcm(key, nonce, covered).decrypt(sealed);
  } catch {
    return null;
  }
}

function runningKeccak256(): RunningHash {
  const state = keccak_256.create();
  return {
    update: (bytes) => {
      state.update(bytes);
    },
    digestInto: (out) => out.set(state.clone().digest().subarray(0, out.length)),
  };
}

/**
 * A call of Node's cipher costs as much as 400 bytes: where small pieces follow each other, they take their key stream
 * from a piece made in advance. Large ones are left to the cipher whole, so that they are copied once.
 */
function aes256CtrStream(key: Uint8Array): CipherStream {
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(AES_BLOCK_BYTES));
  let ready: Uint8Array = NOTHING;
  let used = 0;
  let wasSmall = false;

  /** @returns The offset up to which the key stream was here. */
  function mix(from: Uint8Array, to: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + ready.length - used);
    const shift = used - start;
    for (let at = start; at < stop; at++) to[at] = from[at]! ^ ready[at + shift]!;
    used += stop - start;
    return stop;
  }

  function process(from: Uint8Array, to: Uint8Array, start: number, end: number): void {
    const at = mix(from, to, start, end);
    const left = end - at;
    if (left > 0 && left < KEY_STREAM_BYTES && wasSmall) {
      ready = cipher.update(ZEROS);
      used = 0;
      mix(from, to, at, end);
    } else
      for (let piece = at; piece < end; piece += CIPHER_PIECE_BYTES) {
        const pieceEnd = Math.min(end, piece + CIPHER_PIECE_BYTES);
        to.set(cipher.update(from.subarray(piece, pieceEnd)), piece);
      }
    wasSmall = end - start < KEY_STREAM_BYTES;
  }

  return {
    apply: (bytes, from, to) => process(bytes, bytes, from, to),
    copy(bytes) {
      const { length } = bytes;
      const isSmall = length < KEY_STREAM_BYTES;
      if (used === ready.length && !(isSmall && wasSmall)) {
        wasSmall = isSmall;
        return plain(cipher.update(bytes));
      }
      const out = new Uint8Array(length);
      process(bytes, out, 0, length);
      return out;
    },
  };
}

/** The same memory as a plain array, so that `slice` copies. */
const plain = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

function aes256Block(key: Uint8Array): (block: Uint8Array, out: Uint8Array) => void {
  const schedule = aes.expandKeyLE(key);
  return (block, out) => {
    const { s0, s1, s2, s3 } = aes.encrypt(
      schedule,
      wordAt(block, 0),
      wordAt(block, 4),
      wordAt(block, 8),
      wordAt(block, 12),
    );
    putWord(out, 0, s0);
    putWord(out, 4, s1);
    putWord(out, 8, s2);
    putWord(out, 12, s3);
  };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}

/** Checks a point that a library computed before it is branded as one. */
export function minted(key: Uint8Array): PublicKey {
  if (!isOnCurve(key)) throw new Error('secp256k1 made a point that is not on the curve');
  return key;
}

/** @throws {RangeError} It has not 32 bytes. */
export function requireHash(hash: Uint8Array): void {
  if (hash.length !== HASH_BYTES)
    throw new RangeError(`"hash" expected ${HASH_BYTES} bytes, got ${hash.length}`);
}
