/** @noble/secp256k1 is the oracle. */
import { Point } from '@noble/secp256k1';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { multiplyPoint } from '../../../src/io/crypto/scalar-multiplication.ts';

const { n: ORDER } = Point.CURVE();

/** What the endomorphism multiplies by. Source: libsecp256k1, src/scalar_impl.h. */
const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;

const scalars = fc.bigInt({ min: 1n, max: ORDER - 1n });

function expectAsNoble(point: Point, scalar: bigint): void {
  const { x, y } = multiplyPoint(point, scalar);
  expect({ x, y }).toEqual(point.multiply(scalar).toAffine());
}

test('multiplies as @noble/secp256k1 does', () => {
  fc.assert(
    fc.property(scalars, scalars, (of, scalar) => {
      expectAsNoble(Point.fromAffine(Point.BASE.multiply(of).toAffine()), scalar);
    }),
    { numRuns: 200 },
  );
});

test('multiplies by what splits in a special way: small halves, negative ones, none', () => {
  const point = Point.fromAffine(Point.BASE.multiply(7n).toAffine());
  const edges = [0n, LAMBDA, ORDER - LAMBDA, ORDER / 2n, 2n ** 127n, 2n ** 128n, 2n ** 255n, ORDER];
  for (const edge of edges)
    for (const step of [-17n, -16n, -2n, -1n, 0n, 1n, 2n, 15n, 16n, 17n]) {
      const scalar = edge + step;
      if (scalar > 0n && scalar < ORDER) expectAsNoble(point, scalar);
    }
});

test('multiplies a point whose coordinates are not affine', () => {
  const point = Point.BASE.multiply(5n);
  expect(point.Z).not.toBe(1n);
  expectAsNoble(point, 3n ** 150n);
});
