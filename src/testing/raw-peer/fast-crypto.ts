/**
 * Primitives for simulations: real points and signatures, but guessable private keys, so that each multiplication is
 * done once and cached. They work with other implementations on the wire. UNSAFE outside simulations, and not reachable
 * from the main entry point.
 */
import * as secp256k1 from '@noble/secp256k1';

import { primitivesOf } from '../../io/crypto/primitive-sets.ts';
import type { Primitives, PublicKey } from '../../io/crypto/primitives.ts';

/** Every private key is reduced to a number from 1 to this: its last four bytes, big-endian, modulo this. */
export const FAST_SECRETS = 250;

const SECRET_BYTES = 32;
const COORDINATE_BYTES = 32;
/** First byte of a compressed point. */
const ODD_Y = 0x03;
/** Without the recovery bit. */
const SIGNATURE_BYTES = 64;
const ORDER = secp256k1.Point.CURVE().n;
const HALF_ORDER = ORDER >> 1n;
const { invert, mod, bytesToNumberBE: numberOf, numberToBytesBE: bytesOf } = secp256k1.etc;

/** A small multiple of the generator, with the values that ECDSA needs when its number is the nonce. */
type KnownPoint = {
  readonly number: number;
  readonly point: PublicKey;
  readonly x: bigint;
  readonly isOdd: boolean;
  readonly inverse: bigint;
  readonly xInverse: bigint;
};

/** At index number − 1. */
const known: KnownPoint[] = [];
/** The same, by x coordinate. Opposite points share it; most results here depend on it alone. */
const byX = new Map<string, KnownPoint>();
/** Compressed points by number. At most FAST_SECRETS². */
const products = new Map<number, Uint8Array>();

/** The fastest real ones, for what is not known. */
const real = primitivesOf('default').primitives;

export const fastPrimitives: Primitives = {
  ...real,
  async ecdh(secret, point) {
    const number = smallSecret(secret);
    const theirs = knownAt(point.subarray(1, 1 + COORDINATE_BYTES));
    if (!theirs) return real.ecdh(bytesOf(BigInt(number)), point);
    return product(number * theirs.number).slice(1);
  },
  async ecdhPoint(secret, point) {
    const number = smallSecret(secret);
    const theirs = knownAt(point.subarray(1, 1 + COORDINATE_BYTES));
    if (!theirs || textOf(theirs.point) !== textOf(point))
      return real.ecdhPoint(bytesOf(BigInt(number)), point);
    return product(number * theirs.number).slice();
  },
  publicKeyOf: (secret) => new Uint8Array(multiple(smallSecret(secret)).point) as PublicKey,
  decompress(encoded) {
    const theirs = knownAt(encoded.subarray(1));
    const isSame = theirs !== undefined && (encoded[0] === ODD_Y) === theirs.isOdd;
    return isSame ? (new Uint8Array(theirs.point) as PublicKey) : real.decompress(encoded);
  },
  sign,
  verify,
  recover,
};

/** ECDSA with a small nonce: the hash modulo FAST_SECRETS. */
function sign(hash: Uint8Array, secret: Uint8Array): Uint8Array {
  const nonce = multiple(smallSecret(hash));
  const key = BigInt(smallSecret(secret));
  const high = mod(nonce.inverse * (numberOf(hash) + nonce.x * key), ORDER);
  const isHigh = high > HALF_ORDER;
  const signature = new Uint8Array(2 * COORDINATE_BYTES + 1);
  signature.set(bytesOf(nonce.x));
  signature.set(bytesOf(isHigh ? ORDER - high : high), COORDINATE_BYTES);
  signature[2 * COORDINATE_BYTES] = Number(nonce.isOdd !== isHigh);
  return signature;
}

/** Both the nonce and the private key are known; the sign of the nonce does not matter. Others are verified as usual. */
function verify(hash: Uint8Array, signature: Uint8Array, key: PublicKey): boolean {
  const nonce = knownAt(signature.subarray(0, COORDINATE_BYTES));
  const theirs = knownAt(key.subarray(1, 1 + COORDINATE_BYTES));
  const isKnown = theirs !== undefined && textOf(theirs.point) === textOf(key);
  if (!nonce || !isKnown || hash.length !== SECRET_BYTES || signature.length !== SIGNATURE_BYTES)
    return real.verify(hash, signature, key);
  const s = numberOf(signature.subarray(COORDINATE_BYTES));
  if (s === 0n || s > HALF_ORDER) return false;
  const left = mod(s * BigInt(nonce.number), ORDER);
  const right = mod(numberOf(hash) + nonce.x * BigInt(theirs.number), ORDER);
  return left === right || left === ORDER - right;
}

/** The nonce is known, so the private key follows. Signatures of other implementations are recovered as usual. */
function recover(hash: Uint8Array, signature: Uint8Array): PublicKey {
  const nonce = knownAt(signature.subarray(0, COORDINATE_BYTES));
  const parity = signature[2 * COORDINATE_BYTES];
  if (!nonce || hash.length !== SECRET_BYTES || (parity !== 0 && parity !== 1))
    return real.recover(hash, signature);
  const s = numberOf(signature.subarray(COORDINATE_BYTES, 2 * COORDINATE_BYTES));
  const k = nonce.isOdd === (parity === 1) ? BigInt(nonce.number) : ORDER - BigInt(nonce.number);
  const key = mod((s * k - numberOf(hash)) * nonce.xInverse, ORDER);
  if (s === 0n || s >= ORDER || key === 0n || key > BigInt(FAST_SECRETS))
    return real.recover(hash, signature);
  return new Uint8Array(multiple(Number(key)).point) as PublicKey;
}

function smallSecret(bytes: Uint8Array): number {
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(SECRET_BYTES - 4);
  return ((word + FAST_SECRETS - 1) % FAST_SECRETS) + 1;
}

function multiple(number: number): KnownPoint {
  if (known.length === 0) for (const each of multiples()) remember(each);
  return known[number - 1]!;
}

function knownAt(x: Uint8Array): KnownPoint | undefined {
  multiple(1);
  return byX.get(textOf(x));
}

function remember(each: KnownPoint): void {
  known.push(each);
  byX.set(textOf(each.point.subarray(1, 1 + COORDINATE_BYTES)), each);
}

function* multiples(): Generator<KnownPoint> {
  let point = secp256k1.Point.BASE;
  for (let number = 1; number <= FAST_SECRETS; number += 1) {
    const { x, y } = point.toAffine();
    yield {
      number,
      point: point.toBytes(false) as PublicKey,
      x,
      isOdd: (y & 1n) === 1n,
      inverse: invert(BigInt(number), ORDER),
      xInverse: invert(x, ORDER),
    };
    point = point.add(secp256k1.Point.BASE);
  }
}

function product(number: number): Uint8Array {
  const found = products.get(number);
  if (found) return found;
  const point = secp256k1.Point.BASE.multiply(BigInt(number)).toBytes(true);
  products.set(number, point);
  return point;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
