import { expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { StateMachine } from 'xstate';
import { statePath } from '../../../../src/actors/state-path.ts';
import * as machines from '../../../../src/exports/machines.ts';
import { CHARTS, MACHINES, ONLY_ONE } from '../../../../src/inspect/page/chart/charts.ts';

const all = Object.values(machines).filter(
  (one) => one instanceof StateMachine,
) as unknown as AnyStateMachine[];

test('every machine has a chart', () => {
  expect([...MACHINES].sort()).toEqual(all.map(({ id }) => id).sort());
  expect(MACHINES).toEqual(expect.arrayContaining([...ONLY_ONE]));
});

test('every chart has every state of its machine', () => {
  const lost = all.flatMap((machine) =>
    leavesOf(machine.root)
      .filter((node) => !CHARTS.get(machine.id)!.map.knows(node.path.join('.')))
      .map((node) => `${machine.id}: ${node.path.join('.')}`),
  );
  expect(lost).toEqual([]);
});

test('every chart finds states as recorders write them', () => {
  const { map } = CHARTS.get('server')!;
  const state = statePath({ active: { phase: { stopping: 'peers' }, listener: 'live' } });
  expect(map.placeOf(state).boxes).toEqual(
    expect.arrayContaining(['active.phase.stopping.peers', 'active.listener.live']),
  );
});

const leavesOf = (node: AnyStateNode): AnyStateNode[] => {
  const inner = Object.values(node.states) as AnyStateNode[];
  return inner.length === 0 ? [node] : inner.flatMap(leavesOf);
};
