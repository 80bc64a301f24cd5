import { describe, expect, test } from 'vitest';

import { pathsOf } from '../../../src/testing/model/paths.ts';
import {
  ReplayError,
  replayLive,
  replayOver,
  replayPure,
} from '../../../src/testing/model/replay.ts';
import { doorMachine, inputs, pushes } from '../door.ts';

const paths = pathsOf(doorMachine, pushes, { inputs });
const [longest] = [...paths].sort((a, b) => b.steps.length - a.steps.length);

describe('every path has the same states', () => {
  test('in the pure machine', () => {
    for (const path of paths) replayPure(doorMachine, path);
  });

  test('in a live actor', () => {
    for (const path of paths) replayLive(doorMachine, path);
  });

  test('in a driven system', async () => {
    for (const path of paths) {
      let at = path.start;
      const states = path.steps.map(({ state }) => state);
      const cause = (): void => {
        at = states.shift()!;
      };
      await replayOver(path, { cause, state: () => at });
    }
  });
});

describe('a different state is an error that names the step', () => {
  const altered = {
    ...longest!,
    steps: longest!.steps.map((step, index) => (index === 1 ? { ...step, state: 'locked' } : step)),
  };
  test.for([
    ['pure', () => replayPure(doorMachine, altered)],
    ['live', () => replayLive(doorMachine, altered)],
  ] as const)('%s', ([, run]) => {
    expect(run).toThrow(ReplayError);
    expect(run).toThrow(
      'after step 2, xstate.after.closing.door.open: expected the state locked, got shut',
    );
  });

  test('driven', async () => {
    const run = replayOver(longest!, { cause: () => {}, state: () => longest!.start });
    await expect(run).rejects.toMatchObject({ name: 'ReplayError', index: 0 });
  });

  test('at the start', () => {
    const wrong = { ...longest!, start: 'open' };
    expect(() => replayPure(doorMachine, wrong)).toThrow('at the start: expected the state open');
  });
});

test('an error of a live actor is thrown', () => {
  const broken = doorMachine.provide({
    actions: {
      dent: () => {
        throw new Error('oops');
      },
    } as never,
  });
  const dents = paths.find(({ reaches }) => reaches.includes('shut on push[0]'))!;
  expect(() => replayLive(broken, dents)).toThrow('oops');
});
