import { expect, test } from 'vitest';
import { fromCallback } from 'xstate';

import { explore, pathTo } from '../../../src/testing/model/explore.ts';
import { doorMachine, inputs, pushes } from '../door.ts';

const options = { inputs, events: pushes };

test('every configuration occurs once, with a shortest path', () => {
  const { nodes, isTruncated } = explore(doorMachine, options);
  expect(isTruncated).toBe(false);
  const found = nodes.map(({ inputIndex: beginning, snapshot }) =>
    [beginning, snapshot.value, snapshot.context.dents].join(' '),
  );
  expect(new Set(found).size).toBe(found.length);
  const lengths = nodes.map((node) => pathTo(node).length);
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
});

test('invoked actors are not started', () => {
  let started = 0;
  const locksmith = fromCallback(() => {
    started += 1;
  });
  const machine = doorMachine.provide({ actors: { locksmith } });
  expect(explore(machine, options).nodes).toHaveLength(12);
  expect(started).toBe(0);
});

test('the limit truncates the exploration and is reported', () => {
  const { nodes, isTruncated } = explore(doorMachine, { ...options, limit: 3 });
  expect([nodes.length, isTruncated]).toEqual([3, true]);
});

test('the exploration does not continue after stopAt', () => {
  const { nodes } = explore(doorMachine, {
    ...options,
    inputs: [{ isLocked: false }],
    stopAt: (snapshot) => snapshot.matches('open'),
  });
  expect(nodes.map(({ snapshot }) => snapshot.value)).toEqual(['shut', 'open', 'open']);
});

test('snapshots with the same key are one configuration', () => {
  const { nodes } = explore(doorMachine, {
    ...options,
    key: ({ value }) => JSON.stringify(value),
  });
  expect(nodes).toHaveLength(6); // shut, open; and locked, shut, open, broken
});

test('onNode can end the exploration', () => {
  const seen: unknown[] = [];
  explore(doorMachine, options, ({ snapshot }) => seen.push(snapshot.value) === 2);
  expect(seen).toEqual(['shut', 'locked']);
});
