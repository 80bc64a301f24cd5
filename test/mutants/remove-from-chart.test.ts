/** What the script takes out of charts: all that is in them, one at a time, and nothing else with it. */
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createMachine, StateMachine } from 'xstate';

import * as exported from '../../src/exports/machines.ts';
import { partsOf } from '../../src/testing/model/chart-parts.ts';
import { removalsOf, without } from './remove-from-chart.ts';

const machines = Object.values(exported).filter(
  (value): value is typeof value & AnyStateMachine => value instanceof StateMachine,
) as AnyStateMachine[];

const removals = (machine: AnyStateMachine) =>
  removalsOf(machine.config, Object.keys(machine.implementations.delays));

describe.for(machines.map((machine) => [machine.id, machine] as const))('%s', ([, machine]) => {
  test('has as many removable transitions as its chart has arrows', () => {
    const arrows = removals(machine).filter(
      ({ kind, place }) =>
        kind !== 'guard' && place.length > 0 && !Array.isArray(at(machine.config, place)),
    );
    expect(arrows).toHaveLength(partsOf(machine).transitions.length);
  });

  test('loses the named part and nothing else', () => {
    const before = countsOf(machine);
    for (const { name, kind, place } of removals(machine)) {
      const config = without(machine.config, place) as AnyStateMachine['config'];
      const after = countsOf(createMachine(config, machine.implementations) as AnyStateMachine);
      const lost = { arrows: before.arrows - after.arrows, guards: before.guards - after.guards };
      const removed = at(machine.config, place);
      const all = place.length === 0 ? [] : [removed].flat();
      const guarded = all.filter((arrow) => Object(arrow).guard !== undefined).length;
      expect(lost, name).toEqual(
        kind === 'guard' ? { arrows: 0, guards: 1 } : { arrows: all.length, guards: guarded },
      );
    }
  });

  test('names each of them once', () => {
    const names = removals(machine).map(({ name, kind }) => `${kind} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('is not changed itself', () => {
    const before = partsOf(machine).transitions;
    for (const { place } of removals(machine)) without(machine.config, place);
    expect(partsOf(createMachine(machine.config, machine.implementations)).transitions).toEqual(
      before,
    );
  });
});

test('a delay that only actions use can be removed, too', () => {
  const config = { states: { a: { after: { soon: 'b' } }, b: {} } };
  expect(removalsOf(config, ['soon', 'late'])).toEqual([
    { name: 'a after soon', kind: 'delay', place: ['states', 'a', 'after', 'soon'] },
    { name: 'delay late', kind: 'delay', place: [], delay: 'late' },
  ]);
});

function countsOf({ root }: AnyStateMachine) {
  const arrows = [root, ...statesUnder(root)].flatMap((state) => [
    ...[...state.transitions.values()].flat(),
    ...(state.always ?? []),
  ]);
  return { arrows: arrows.length, guards: arrows.filter(({ guard }) => guard).length };
}

function statesUnder(state: AnyStateMachine['root']): AnyStateMachine['root'][] {
  const children: AnyStateMachine['root'][] = Object.values(state.states);
  return children.flatMap((child) => [child, ...statesUnder(child)]);
}

function at(config: unknown, place: readonly (string | number)[]): unknown {
  return place.reduce<unknown>((value, key) => Object(value)[key], config);
}
