import fc from 'fast-check';
import { expect, test } from 'vitest';

import { lookupDistances } from '../../../src/machines/discovery/lookup-distances.ts';

const NODE = '0'.repeat(64);

/** An id at this distance from the node. */
const at = (distance: number): string =>
  (distance === 0 ? 0n : 1n << BigInt(distance - 1)).toString(16).padStart(64, '0');

test.for([
  [256, [256, 255, 254]],
  [255, [255, 256, 254]],
  [100, [100, 101, 99]],
  [2, [2, 3, 1]],
  [1, [1, 2, 3]],
  [0, [0, 1, 2]],
] as const)('for a target at distance %i a node is asked for %o', ([distance, distances]) => {
  expect(lookupDistances(at(distance), NODE)).toEqual(distances);
});

test('three different distances from 0 to 256, the best one first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 256 }), (distance) => {
      const distances = lookupDistances(at(distance), NODE);
      expect(distances[0]).toBe(distance);
      expect(new Set(distances).size).toBe(3);
      for (const each of distances) expect(each >= 0 && each <= 256).toBe(true);
    }),
  );
});
