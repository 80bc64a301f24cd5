import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  closestOf,
  compareDistance,
  logDistance,
} from '../../../src/machines/discovery/distance.ts';
import { loadVectors } from '../../support/crypto.ts';

const vectors = loadVectors<{
  logDistance: { a: string; b: string; distance: number }[];
  idAtDistance: { target: string; distance: number; id: string }[];
  xorCompare: { target: string; a: string; b: string; cmp: number }[];
  lookupTestnet: {
    targetId: string;
    nodes: { distance: number; nodeId: string }[];
    closestSixteenIds: string[];
    allIdsByXorDistance: string[];
  };
}>('distances-iptrack.json');

const id = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
/** Also ids that share many digits with the others. */
const nearId = fc.oneof(
  id,
  fc
    .tuple(fc.nat({ max: 64 }), id)
    .map(([shared, other]) => '0'.repeat(shared) + other.slice(shared)),
);
const number = (digits: string): bigint => BigInt(`0x${digits}`);
const xor = (a: string, b: string): bigint => number(a) ^ number(b);

describe('published vectors', () => {
  test.each(vectors.logDistance)('the log distance of $a and $b is $distance', (vector) => {
    expect(logDistance(vector.a, vector.b)).toBe(vector.distance);
  });

  test.each(vectors.idAtDistance)('$id is at distance $distance of its target', (vector) => {
    expect(logDistance(vector.target, vector.id)).toBe(vector.distance);
  });

  test.each(vectors.xorCompare)('$a and $b are compared as go-ethereum does', (vector) => {
    expect(Math.sign(compareDistance(vector.target, vector.a, vector.b))).toBe(vector.cmp);
  });

  test('the nodes of the lookup network are at their distances, and sorted by them', () => {
    const { targetId, nodes, closestSixteenIds, allIdsByXorDistance } = vectors.lookupTestnet;
    for (const { nodeId, distance } of nodes) expect(logDistance(targetId, nodeId)).toBe(distance);
    const items = nodes.map(({ nodeId }) => ({ id: nodeId }));
    const closest = (count: number) => closestOf(items, targetId, count).map((item) => item.id);
    expect(closest(16)).toEqual(closestSixteenIds);
    expect(closest(nodes.length)).toEqual(allIdsByXorDistance);
  });
});

test('the log distance is the length of the exclusive or in bits', () => {
  fc.assert(
    fc.property(nearId, nearId, (a, b) => {
      const bits = xor(a, b) === 0n ? 0 : xor(a, b).toString(2).length;
      expect(logDistance(a, b)).toBe(bits);
      expect(logDistance(b, a)).toBe(bits);
    }),
  );
});

test('ids are compared by their exclusive or with the target', () => {
  fc.assert(
    fc.property(nearId, nearId, nearId, (target, a, b) => {
      const [first, second] = [xor(target, a), xor(target, b)];
      const sign = first < second ? -1 : first > second ? 1 : 0;
      expect(Math.sign(compareDistance(target, a, b))).toBe(sign);
    }),
  );
});

test('the closest are the first ones of all, sorted', () => {
  fc.assert(
    fc.property(nearId, fc.uniqueArray(nearId), fc.nat({ max: 20 }), (target, ids, count) => {
      const items = ids.map((one) => ({ id: one }));
      const sorted = ids.toSorted((a, b) => (xor(target, a) < xor(target, b) ? -1 : 1));
      expect(closestOf(items, target, count).map((item) => item.id)).toEqual(
        sorted.slice(0, count),
      );
    }),
  );
});
