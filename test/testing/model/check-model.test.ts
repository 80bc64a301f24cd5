import { expect, test } from 'vitest';

import { checkModel } from '../../../src/testing/model/check-model.ts';
import { replayLive } from '../../../src/testing/model/replay.ts';
import { doorMachine, hardPush, inputs, pushes } from '../door.ts';

const options = { inputs, events: pushes };

test('a correct machine has no violation, and the result says how much was checked', () => {
  const { violation, configurations, isTruncated } = checkModel(
    doorMachine,
    { dents: ({ context }) => (context.dents > 2 ? `${context.dents} dents` : null) },
    options,
  );
  expect([violation, configurations, isTruncated]).toEqual([null, 12, false]);
});

test('a violation comes with the shortest list of events that leads to it', () => {
  const { violation } = checkModel(
    doorMachine,
    {
      fine: () => null,
      undented: ({ context }) => (context.dents > 1 ? 'dented twice' : null),
    },
    options,
  );
  expect(violation).toMatchObject({ invariant: 'undented', sentence: 'dented twice' });
  expect(violation!.path.steps.map(({ event }) => event)).toEqual([
    hardPush,
    { type: 'xstate.after.closing.door.open' },
    hardPush,
  ]);
  replayLive(doorMachine, violation!.path);
});

test('a violation at the start has no events', () => {
  const { violation } = checkModel(doorMachine, { never: () => 'wrong' }, options);
  expect(violation?.path).toMatchObject({ start: 'shut', steps: [] });
});

test('events without a sample are listed, since what their data could do was not checked', () => {
  const withoutSample = [
    'key.broke',
    'key.fits',
    'xstate.done.actor.locksmith',
    'xstate.error.actor.locksmith',
  ];
  const check = (events: typeof pushes) => checkModel(doorMachine, {}, { inputs, events }).untried;
  expect(check(pushes)).toEqual(withoutSample);
  expect(check([])).toEqual(['push', ...withoutSample].sort());
});
