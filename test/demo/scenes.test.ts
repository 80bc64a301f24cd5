import { expect, test } from 'vitest';

import { NEVER, OCCURRENCES } from '../../src/demo/coverage.ts';
import { OPENING, SCENES, SHOWN } from '../../src/demo/scenes.ts';

test('there is a scene for everything, or a reason why not', () => {
  expect([...SHOWN, ...Object.keys(NEVER)].sort()).toEqual([...OCCURRENCES].sort());
});

test('the opening has scenes of each kind, each once, and none that keeps the others waiting', () => {
  expect(new Set(OPENING).size).toBe(OPENING.length);
  for (const kind of [
    /^rejected/,
    /^refused/,
    /^failed/,
    /^ending.rejected/,
    /^ending.refused/,
    /^\w+$/,
  ])
    expect(OPENING.filter((name) => kind.test(name)).length).toBeGreaterThan(0);
  for (const name of OPENING) expect(SCENES[name].aloneMs).toBeUndefined();
});
