import { describe, expect, test } from 'vitest';

import { coverageTable, pathsOf } from '../../../src/testing/model/paths.ts';
import { doorMachine, hardPush, inputs, pushes, softPush } from '../door.ts';

const paths = pathsOf(doorMachine, pushes, { inputs });
const typesOf = (path: (typeof paths)[number]) => path.steps.map(({ event }) => event.type);

describe('paths', () => {
  test('reach every state, transition and outcome, invoked actors and delays included', () => {
    expect(paths.coverage()).toEqual({
      machine: 'door',
      states: { total: 6, missing: [] },
      transitions: { total: 13, missing: [] },
      outcomes: { total: 1, missing: [] },
      configurations: 12,
      isTruncated: false,
    });
  });

  test('are shortest paths', () => {
    const toBroken = paths.find(({ reaches }) => reaches.includes('dented on always[0]'));
    expect(toBroken?.steps.map(({ state }) => state)).toEqual(['open', 'shut', 'broken']);
    expect(toBroken?.steps.map(({ event }) => event)).toEqual([
      hardPush,
      { type: 'xstate.after.closing.door.open' },
      hardPush,
    ]);
    expect(toBroken?.steps.at(-1)?.status).toBe('done');
  });

  test('have their start state and input', () => {
    expect(paths.find((path) => typesOf(path)[0] === 'key.fits')).toMatchObject({
      input: { isLocked: true },
      start: 'locked',
    });
    expect(paths[0]).toMatchObject({ input: { isLocked: false }, start: 'shut' });
  });

  test('include the result and the error of an invoked actor as events', () => {
    const types = new Set(paths.flatMap(typesOf));
    expect([...types]).toEqual(
      expect.arrayContaining(['xstate.done.actor.locksmith', 'xstate.error.actor.locksmith']),
    );
  });
});

describe('parts that are not reached', () => {
  test('for lack of a sample are named', () => {
    const { transitions, states } = pathsOf(doorMachine, [softPush], {
      inputs: [{ isLocked: false }],
    }).coverage();
    expect(states.missing).toEqual(['locked', 'dented', 'broken']);
    expect(transitions.missing).toContain('shut on push[0]');
  });

  test('include expected outcomes', () => {
    const { outcomes } = pathsOf(doorMachine, pushes, {
      inputs,
      outcomeOf: ({ output }) => `${output?.dents} dents`,
      outcomes: ['0 dents', '1 dents', '2 dents', '3 dents'],
    }).coverage();
    expect(outcomes).toEqual({ total: 4, missing: ['1 dents', '3 dents'] });
  });

  test('have a line each in the table', () => {
    const coverage = pathsOf(doorMachine, [softPush], { inputs: inputs.slice(0, 1) }).coverage();
    expect(coverageTable([coverage]).split('\n')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^door +3\/6 +4\/13 +0\/0 +2$/),
        '  not reached: broken',
        '  not reached: shut on push[0]',
      ]),
    );
  });
});

test('samples can depend on the snapshot', () => {
  const asked: unknown[] = [];
  pathsOf(
    doorMachine,
    (snapshot) => {
      asked.push(snapshot.value);
      return pushes;
    },
    { inputs },
  );
  expect(asked).toContain('shut');
});

test('an error of the machine names the state and the event', () => {
  const broken = doorMachine.provide({
    guards: {
      isHard: () => {
        throw new Error('oops');
      },
    },
  });
  expect(() => pathsOf(broken, pushes, { inputs })).toThrow(
    'the machine door threw in the state shut on the event push',
  );
});
