/** Runs each scene of a table alone, with several seeds, which choose roles and contents. */
import { expect, test } from 'vitest';

import type { Occurrence } from '../../src/demo/coverage.ts';
import type { Scene } from '../../src/demo/scene.ts';
import { RawPeerError } from '../../src/testing/raw-peer/raw-peer-error.ts';
import { DemoContext } from './demo-context.ts';

const SEEDS = [1, 2];

export function testScenes(table: Readonly<Record<string, Scene>>): void {
  test.for(Object.entries(table))('%s', async ([name, scene]) => {
    for (const seed of SEEDS) {
      const at = await new DemoContext(seed).start();
      const thrown = await at.runScene(scene);
      if (thrown !== null) expect(thrown).toBeInstanceOf(RawPeerError); // the demo node may reject it
      await at.world.run('2s'); // callers turned away are reported once a second
      expect(at.occurrences).toContain(name satisfies string as Occurrence);
      expect(at.remoteNodes.available).toBe(200);
      await at.end();
    }
  });
}
