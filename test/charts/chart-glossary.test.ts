import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { glossaryOf } from '../../src/charts/chart-glossary.ts';
import { COMPUTED, chartModel } from '../../src/charts/chart-model.ts';
import { transitionsOf } from '../../src/charts/chart-reading.ts';
import * as machines from '../../src/exports/machines.ts';

const all = Object.values(machines).filter(
  (value): value is AnyStateMachine & typeof value =>
    typeof value === 'object' && 'implementations' in value,
);

test.for(all.map((machine) => [machine.id, machine] as const))(
  'every name of %s has one sentence, and no other name has',
  ([id, { implementations }]) => {
    const { actions, conditions, delays, actors } = glossaryOf(id);
    expect({
      actions: Object.keys(actions).sort(),
      conditions: Object.keys(conditions).sort(),
      delays: Object.keys(delays).sort(),
      actors: Object.keys(actors).sort(),
    }).toEqual({
      actions: Object.keys(implementations.actions).sort(),
      conditions: Object.keys(implementations.guards).sort(),
      delays: Object.keys(implementations.delays).sort(),
      actors: Object.keys(implementations.actors).sort(),
    });
  },
);

test('sentences begin with a capital and end with a full stop', () => {
  expect(all.length).toBe(18);
  for (const { id } of all)
    for (const words of Object.values(glossaryOf(id)))
      for (const [name, sentence] of Object.entries(words))
        expect(sentence, `${id}: ${name}`).toMatch(/^([A-Z]|\d+ s).*\.$/);
});

test('the sentence of an action that chooses its event says which it may raise', () => {
  for (const machine of all)
    for (const { actions } of transitionsOf(chartModel(machine)))
      for (const { name, raises } of actions)
        if (raises === COMPUTED)
          expect(glossaryOf(machine.id).actions[name], `${machine.id}: ${name}`).toMatch(
            /^Raises .*`/,
          );
});

test('machines of others have no sentences', () => {
  expect(glossaryOf('door').actions).toEqual({});
});
