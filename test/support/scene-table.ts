/** Plays each scene of a table by itself, several times: with its seed it takes another role, or other words. */
import { expect, test } from 'vitest';

import type { Occurrence } from '../../src/demo/coverage.ts';
import type { Scene } from '../../src/demo/scene.ts';
import { RawPeerError } from '../../src/testing/raw-peer/raw-peer-error.ts';
import { DemoStage } from './demo-stage.ts';

const SEEDS = [1, 2];

export function playEach(table: Readonly<Record<string, Scene>>): void {
  test.for(Object.entries(table))('%s', async ([name, scene]) => {
    for (const seed of SEEDS) {
      const at = await new DemoStage(seed).start();
      const thrown = await at.play(scene);
      if (thrown !== null) expect(thrown).toBeInstanceOf(RawPeerError); // a remote that is refused
      await at.world.run('2s'); // refused callers are reported once per second
      expect(at.happened).toContain(name satisfies string as Occurrence);
      expect(at.strangers.away).toBe(200);
      await at.end();
    }
  });
}
