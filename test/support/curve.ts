/**
 * Affine arithmetic on y² = x³ + b over the field of secp256k1, for any b: what an attacker
 * computes with.
 */
import { hex, toHex } from './crypto.ts';

/** The prime of the field: SEC 2, 2.4.1. */
export const P = 2n ** 256n - 2n ** 32n - 977n;

/** 65 bytes `04 ‖ x ‖ −y`. */
export function negatedPoint(point: Uint8Array): Uint8Array {
  const y = P - BigInt(`0x${toHex(point.subarray(33))}`);
  return hex(toHex(point.subarray(0, 33)) + y.toString(16).padStart(64, '0'));
}

/**
 * The x coordinates of 0·Q, 1·Q, … on y² = x³ + b; infinity counts as 0. Checks that the order is
 * right.
 */
export function multiplesOf(point: string, order: number, b: bigint): bigint[] {
  const q = affine(point);
  if ((q.y ** 2n - q.x ** 3n - b) % P !== 0n) throw new Error('not a point of that curve');
  const multiples = [0n];
  for (let k = 1; k < order; k++) multiples.push(multiplied(q, BigInt(k))!.x);
  if (multiplied(q, BigInt(order)) !== null) throw new Error('not a point of that order');
  return multiples;
}

export type Affine = { x: bigint; y: bigint };

export function affine(point: string): Affine {
  return { x: BigInt(`0x${point.slice(2, 66)}`), y: BigInt(`0x${point.slice(66)}`) };
}

/** Null is infinity. */
export function multiplied(point: Affine, times: bigint): Affine | null {
  let sum: Affine | null = null;
  let double: Affine | null = point;
  for (let left = times; left > 0n; left >>= 1n) {
    if (left & 1n) sum = added(sum, double);
    double = added(double, double);
  }
  return sum;
}

/** The textbook formulas; b does not occur in them, which is the whole attack. Null is infinity. */
function added(one: Affine | null, other: Affine | null): Affine | null {
  if (one === null || other === null) return one ?? other;
  if (one.x === other.x && modulo(one.y + other.y) === 0n) return null;
  const slope =
    one.x === other.x
      ? modulo(3n * one.x * one.x * inverse(2n * one.y))
      : modulo((other.y - one.y) * inverse(other.x - one.x));
  const x = modulo(slope * slope - one.x - other.x);
  return { x, y: modulo(slope * (one.x - x) - one.y) };
}

function modulo(value: bigint): bigint {
  return ((value % P) + P) % P;
}

function inverse(value: bigint): bigint {
  let [result, base] = [1n, modulo(value)];
  for (let exponent = P - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result;
}
