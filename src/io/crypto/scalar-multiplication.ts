/**
 * A point of secp256k1 times a secret: the same sequence of operations for every secret and every point, as far as the
 * integers of JavaScript allow. The endomorphism of the curve splits the scalar into two of half its length, which share
 * their doublings; each takes four bits at a time from a table of multiples. @noble/secp256k1 takes one bit at a time.
 * The formulas are complete: no pair of points is an exception.
 *
 * Sources: Gallant, Lambert and Vanstone, CRYPTO 2001; Renes, Costello and Batina, eprint 2015/1060, algorithms 7 and 9.
 */
import { Point } from '@noble/secp256k1';

const { p: FIELD, n: ORDER, b: B } = Point.CURVE();

/** As in `Point`, except that each may be negative. */
type Projective = { readonly X: bigint; readonly Y: bigint; readonly Z: bigint };

/** A cube root of 1 in the field: `(BETA · x, y)` is `λ · (x, y)`, with a cube root `λ` of 1 modulo the order. */
const BETA = 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een;

/** `(A1, B1)` and `(A2, A1)` are the shortest pairs `(a, b)` with `a + b · λ = 0` modulo the order. */
const A1 = 0x3086d221a7d46bcde86c90e49284eb15n;
const B1 = -0xe4437ed6010e88286f547fa90abfe4c3n;
const A2 = 0x114ca50f7a8e2f3f657c1108d9d44cfd8n;

const B3 = 3n * B;

/** Multiples in a table, for the digits of this base. */
const MULTIPLES = 16;

/** Of half a scalar, which has 128 bits at most. */
const DIGITS = 32;

/** @param scalar From 1 to the order of the curve minus 1. */
export function multiplyPoint(point: Point, scalar: bigint): Point {
  const [one, other] = halvesOf(scalar);
  const multiples = multiplesOf({ X: point.X, Y: withSign(point.Y, one), Z: point.Z });
  const others = multiples.map(({ X, Y, Z }) => ({
    X: (BETA * X) % FIELD,
    Y: withSign(withSign(Y, one), other),
    Z,
  }));
  const digits = digitsOf(one);
  const otherDigits = digitsOf(other);
  let sum: Projective = Point.ZERO;
  for (let at = 0; at < DIGITS; at++) {
    sum = doubled(doubled(doubled(doubled(sum))));
    sum = added(added(sum, multiples[digits[at]!]!), others[otherDigits[at]!]!);
  }
  return new Point(reduced(sum.X), reduced(sum.Y), reduced(sum.Z));
}

/** `k` and `l` with `k + l · λ = scalar` modulo the order; each may be negative. */
function halvesOf(scalar: bigint): readonly [bigint, bigint] {
  const c1 = (A1 * scalar + ORDER / 2n) / ORDER;
  const c2 = (-B1 * scalar + ORDER / 2n) / ORDER;
  return [scalar - c1 * A1 - c2 * A2, -c1 * B1 - c2 * A1];
}

/** From the highest one on. */
function digitsOf(half: bigint): readonly number[] {
  const digits = withSign(half, half).toString(MULTIPLES).padStart(DIGITS, '0');
  return Array.from(digits, (digit) => Number.parseInt(digit, MULTIPLES));
}

/** `value`, or its negative where `half` is negative. */
const withSign = (value: bigint, half: bigint): bigint => [value, -value][Number(half < 0n)]!;

/** 0 to 15 times a point. */
function multiplesOf(point: Projective): readonly Projective[] {
  const multiples: Projective[] = [Point.ZERO];
  while (multiples.length < MULTIPLES) multiples.push(added(multiples.at(-1)!, point));
  return multiples;
}

/** Algorithm 9. */
function doubled({ X, Y, Z }: Projective): Projective {
  const yy = (Y * Y) % FIELD;
  const bzz = (B3 * Z * Z) % FIELD;
  const yy8 = 8n * yy;
  const less = yy - 3n * bzz;
  return {
    X: (2n * less * ((X * Y) % FIELD)) % FIELD,
    Y: (less * (yy + bzz) + bzz * yy8) % FIELD,
    Z: (((Y * Z) % FIELD) * yy8) % FIELD,
  };
}

/** Algorithm 7. */
function added(a: Projective, b: Projective): Projective {
  const xx = (a.X * b.X) % FIELD;
  const yy = (a.Y * b.Y) % FIELD;
  const bzz = (B3 * a.Z * b.Z) % FIELD;
  const xy = (a.X * b.Y + a.Y * b.X) % FIELD;
  const yz = (a.Y * b.Z + a.Z * b.Y) % FIELD;
  const bxz = (B3 * (a.X * b.Z + a.Z * b.X)) % FIELD;
  const less = yy - bzz;
  const more = yy + bzz;
  return {
    X: (xy * less - yz * bxz) % FIELD,
    Y: (more * less + 3n * xx * bxz) % FIELD,
    Z: (yz * more + 3n * xx * xy) % FIELD,
  };
}

const reduced = (value: bigint): bigint => ((value % FIELD) + FIELD) % FIELD;
