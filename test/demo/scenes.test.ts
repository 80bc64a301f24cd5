import { expect, test } from 'vitest';

import { IMPOSSIBLE, OCCURRENCES } from '../../src/demo/coverage.ts';
import { COVERED, OPENING_SCENES, SCENES } from '../../src/demo/scenes.ts';
import { DemoContext } from '../support/demo-context.ts';
import { turns } from '../support/turn.ts';

test('every occurrence has a scene, or a reason why it is impossible', () => {
  expect([...COVERED, ...Object.keys(IMPOSSIBLE)].sort()).toEqual([...OCCURRENCES].sort());
});

test('the opening scenes are of each kind, each once, and none is exclusive', () => {
  expect(new Set(OPENING_SCENES).size).toBe(OPENING_SCENES.length);
  for (const kind of [
    /^rejected/,
    /^refused/,
    /^failed/,
    /^ending.rejected/,
    /^ending.refused/,
    /^\w+$/,
  ])
    expect(OPENING_SCENES.filter((name) => kind.test(name)).length).toBeGreaterThan(0);
  for (const name of OPENING_SCENES) expect(SCENES[name].exclusiveMs).toBeUndefined();
});

test.for(Object.entries(SCENES))(
  '%s leaves no rejection unobserved when the demo ends while it runs',
  async ([, scene]) => {
    const unobserved: unknown[] = [];
    const note = (reason: unknown): void => void unobserved.push(reason);
    process.on('unhandledRejection', note);
    try {
      const at = await new DemoContext().start();
      const over = scene.run(at.context).catch((error: unknown) => error);
      await at.world.run('1s');
      at.context.end();
      await at.world.run('1m');
      await at.world.complete(over);
      await at.end();
      await turns();
      expect(unobserved).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  },
);
