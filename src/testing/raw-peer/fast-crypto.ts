/**
 * Primitives for simulations: real points, real signatures, and secrets so small that everybody can guess them, so
 * that each multiplication is done once and then remembered. Anybody on the wire who does it properly understands
 * them. UNSAFE everywhere else, and not reachable from the main entry point.
 */
import * as secp256k1 from '@noble/secp256k1';

import { noblePrimitives, type Primitives, type PublicKey } from '../../io/crypto/primitives.ts';

/** Every secret stands for a number from 1 to this one: the last four bytes, big-endian, modulo it. */
export const FAST_SECRETS = 250;

const SECRET_BYTES = 32;
const COORDINATE_BYTES = 32;
const ORDER = secp256k1.Point.CURVE().n;
const HALF_ORDER = ORDER >> 1n;
const { invert, mod, bytesToNumberBE: numberOf, numberToBytesBE: bytesOf } = secp256k1.etc;

/** A small multiple of the generator, and what ECDSA with it as a nonce needs. */
type Known = {
  readonly number: number;
  readonly point: PublicKey;
  readonly x: bigint;
  readonly isOdd: boolean;
  readonly inverse: bigint;
  readonly xInverse: bigint;
};

/** By number, from 1 on. */
const known: Known[] = [];
/** The same, by x coordinate. Opposite points share it, and so does whatever is made of it here. */
const byX = new Map<string, Known>();
/** x coordinates, by number. At most FAST_SECRETS². */
const products = new Map<number, Uint8Array>();

export const fastPrimitives: Primitives = {
  ...noblePrimitives,
  async ecdh(secret, point) {
    const number = smallNumber(secret);
    const far = knownAt(point.subarray(1, 1 + COORDINATE_BYTES));
    if (!far) return noblePrimitives.ecdh(bytesOf(BigInt(number)), point);
    return new Uint8Array(product(number * far.number));
  },
  publicKeyOf: (secret) => new Uint8Array(multiple(smallNumber(secret)).point) as PublicKey,
  sign,
  recover,
};

/** ECDSA whose nonce, too, is a small number: the hash modulo FAST_SECRETS. */
function sign(hash: Uint8Array, secret: Uint8Array): Uint8Array {
  const nonce = multiple(smallNumber(hash));
  const key = BigInt(smallNumber(secret));
  const high = mod(nonce.inverse * (numberOf(hash) + nonce.x * key), ORDER);
  const isHigh = high > HALF_ORDER;
  const signature = new Uint8Array(2 * COORDINATE_BYTES + 1);
  signature.set(bytesOf(nonce.x));
  signature.set(bytesOf(isHigh ? ORDER - high : high), COORDINATE_BYTES);
  signature[2 * COORDINATE_BYTES] = Number(nonce.isOdd !== isHigh);
  return signature;
}

/** Knows the nonce, and so the secret: no point has to be found. Signatures of others are recovered as usual. */
function recover(hash: Uint8Array, signature: Uint8Array): PublicKey {
  const nonce = knownAt(signature.subarray(0, COORDINATE_BYTES));
  const parity = signature[2 * COORDINATE_BYTES];
  if (!nonce || hash.length !== SECRET_BYTES || (parity !== 0 && parity !== 1))
    return noblePrimitives.recover(hash, signature);
  const s = numberOf(signature.subarray(COORDINATE_BYTES, 2 * COORDINATE_BYTES));
  const k = nonce.isOdd === (parity === 1) ? BigInt(nonce.number) : ORDER - BigInt(nonce.number);
  const key = mod((s * k - numberOf(hash)) * nonce.xInverse, ORDER);
  if (s === 0n || s >= ORDER || key === 0n || key > BigInt(FAST_SECRETS))
    return noblePrimitives.recover(hash, signature);
  return new Uint8Array(multiple(Number(key)).point) as PublicKey;
}

function smallNumber(bytes: Uint8Array): number {
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(SECRET_BYTES - 4);
  return ((word + FAST_SECRETS - 1) % FAST_SECRETS) + 1;
}

function multiple(number: number): Known {
  if (known.length === 0) for (const each of multiples()) remember(each);
  return known[number - 1]!;
}

function knownAt(x: Uint8Array): Known | undefined {
  multiple(1);
  return byX.get(textOf(x));
}

function remember(each: Known): void {
  known.push(each);
  byX.set(textOf(each.point.subarray(1, 1 + COORDINATE_BYTES)), each);
}

function* multiples(): Generator<Known> {
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
  const x = bytesOf(secp256k1.Point.BASE.multiply(BigInt(number)).toAffine().x);
  products.set(number, x);
  return x;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
