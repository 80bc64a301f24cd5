/** Whole nodes in a world full of faults, recorded, and lived through again. */
import { describe, expect, test } from 'vitest';

import { type RecordedNode, recordWorld } from '../../support/recorded-world.ts';
import { replayed } from '../../support/recordings.ts';

describe.for([
  [1, false],
  [2, false],
  [1, true],
] as const)('seed %i, masked: %s', ([seed, isMasked]) => {
  let nodes: readonly RecordedNode[] = [];

  test('every node is replayed with the same result', async () => {
    nodes = await recordWorld(seed, { isMasked });
    for (const { sink } of nodes) {
      const result = await replayed(sink.text);
      expect(result).toMatchObject({ divergence: null, skippedTotal: 0, end: 'closed' });
      expect(result.actors).toBeGreaterThan(10);
      expect(result.steps).toBeGreaterThan(100);
    }
  });

  test('contains no secret and no payload', () => {
    for (const { sink, secret } of nodes) {
      expect(sink.text).not.toContain(secret);
      expect(sink.text).not.toContain('not for others to read');
      expect(sink.text).not.toMatch(/"(?:secret|nonce|mac|ephemeral|payload|bytes)"/i);
    }
  });

  if (isMasked)
    test('contains no address, name or id', () => {
      for (const { sink } of nodes)
        for (const { id, address } of nodes) {
          expect(sink.text).not.toContain(id);
          expect(sink.text).not.toContain(id.slice(0, 8));
          expect(sink.text).not.toContain(address);
          expect(sink.text).not.toContain('seed.example');
          expect(sink.text).not.toContain('45.');
        }
    });
});
