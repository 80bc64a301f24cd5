import { expect, test } from 'vitest';
import { fromCallback } from 'xstate';

import { explore, wayTo } from '../../../src/testing/model/explore.ts';
import { doorMachine, inputs, pushes } from '../door.ts';

const options = { inputs, events: pushes };

test('every configuration is there once, and each has a shortest way', () => {
  const { nodes, isCut } = explore(doorMachine, options);
  expect(isCut).toBe(false);
  const found = nodes.map(({ beginning, snapshot }) =>
    [beginning, snapshot.value, snapshot.context.dents].join(' '),
  );
  expect(new Set(found).size).toBe(found.length);
  const lengths = nodes.map((node) => wayTo(node).length);
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
});

test('nothing is started: the invoked actor stays where it is', () => {
  let started = 0;
  const locksmith = fromCallback(() => {
    started += 1;
  });
  const machine = doorMachine.provide({ actors: { locksmith } });
  expect(explore(machine, options).nodes).toHaveLength(12);
  expect(started).toBe(0);
});

test('a limit cuts it, and says so', () => {
  const { nodes, isCut } = explore(doorMachine, { ...options, limit: 3 });
  expect([nodes.length, isCut]).toEqual([3, true]);
});

test('a configuration that is enough is not gone on from', () => {
  const { nodes } = explore(doorMachine, {
    ...options,
    inputs: [{ isLocked: false }],
    isEnough: (snapshot) => snapshot.matches('open'),
  });
  expect(nodes.map(({ snapshot }) => snapshot.value)).toEqual(['shut', 'open', 'open']);
});

test('a key makes one of many', () => {
  const { nodes } = explore(doorMachine, {
    ...options,
    key: ({ value }) => JSON.stringify(value),
  });
  expect(nodes).toHaveLength(6); // shut, open; and locked, shut, open, broken
});

test('whoever listens may end it', () => {
  const seen: unknown[] = [];
  explore(doorMachine, options, ({ snapshot }) => seen.push(snapshot.value) === 2);
  expect(seen).toEqual(['shut', 'locked']);
});
