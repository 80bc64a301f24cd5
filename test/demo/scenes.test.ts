import { expect, test } from 'vitest';

import { IMPOSSIBLE, OCCURRENCES } from '../../src/demo/coverage.ts';
import { COVERED, OPENING_SCENES, SCENES } from '../../src/demo/scenes.ts';

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
