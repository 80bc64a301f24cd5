import { expect, test } from 'vitest';

import { partsOf } from '../../../src/testing/model/chart-parts.ts';
import { doorMachine } from '../door.ts';

test('states and transitions are named as in the chart', () => {
  const { states, transitions } = partsOf(doorMachine);
  expect(states).toEqual(['choosing', 'locked', 'shut', 'dented', 'open', 'broken']);
  expect(transitions).toEqual([
    'choosing on always[0]',
    'choosing on always[1]',
    'locked on key.fits',
    'locked on key.broke',
    'locked on xstate.done.actor.locksmith',
    'locked on xstate.error.actor.locksmith',
    'locked on xstate.after.patience.door.locked',
    'shut on push[0]',
    'shut on push[1]',
    'shut on lock',
    'dented on always[0]',
    'dented on always[1]',
    'open on xstate.after.closing.door.open',
  ]);
});

test('a taken transition has one of those names', () => {
  const { nameOf, transitions } = partsOf(doorMachine);
  const { open } = doorMachine.root.states;
  const [toShut] = open!.transitions.values();
  expect(transitions).toContain(nameOf(toShut![0]!));
});
