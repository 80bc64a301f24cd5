import { describe, expect, test } from 'vitest';
import { raise, setup } from 'xstate';

import { type ChartModel, COMPUTED, chartModel } from '../../src/charts/chart-model.ts';
import { stateAt, transitionsOf } from '../../src/charts/chart-reading.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import {
  dialSchedulerMachine,
  REDIAL_DELAY_MS,
} from '../../src/machines/dialing/dial-scheduler.ts';
import { sampleMachine } from './sample.ts';

const sample = chartModel(sampleMachine);

describe('chart model', () => {
  test('holds states in the order of declaration, parents first', () => {
    expect(sample.states.map(({ path }) => path)).toEqual([
      '',
      'end',
      'busy',
      'busy.left',
      'busy.left.on',
      'busy.left.off',
      'busy.right',
      'busy.right.class',
      'rejected',
      'rejected.late',
      'rejected.rude',
      'over',
    ]);
  });

  test('holds the type, tags, children and description of a state', () => {
    expect(stateAt(sample, 'busy')).toMatchObject({
      key: 'busy',
      parent: '',
      type: 'parallel',
      tags: ['unbounded'],
      children: ['busy.left', 'busy.right'],
      initial: null,
    });
    expect(stateAt(sample, '')).toMatchObject({ parent: null, initial: 'end', invokes: ['link'] });
    expect(stateAt(sample, 'end').description).toBe('Waits | looks.');
  });

  test('holds transitions without an event, with the fixed params of their guards', () => {
    const always = transitionsFrom(sample, 'end').filter(
      ({ trigger }) => trigger.kind === 'always',
    );
    expect(always.map(({ guard, targets }) => [guard, targets])).toEqual([
      ['isReady', ['busy']],
      ['has a:b;"c"#{}', ['busy.left.on']],
    ]);
    expect(
      transitionsFrom(chartModel(connectionSetupMachine), 'encHandshake.choosingRole').map(
        ({ guard, isOtherwise }) => [guard, isOtherwise],
      ),
    ).toEqual([
      ['isInbound', false],
      ['hasDestinationKey', false],
      [null, true],
    ]);
  });

  test('holds the transitions of the root', () => {
    expect(transitionsFrom(sample, '')[0]).toEqual({
      source: '',
      trigger: { kind: 'event', name: 'reject.late' },
      guard: null,
      isOtherwise: false,
      targets: ['rejected.late'],
      actions: [],
    });
  });

  test('reads the trigger from the event types of XState', () => {
    expect(transitionsFrom(sample, 'busy').map(({ trigger }) => trigger)).toContainEqual({
      kind: 'done',
      of: 'busy',
    });
    const rootTriggers = transitionsFrom(sample, '').map(({ trigger }) => trigger);
    expect(rootTriggers).toContainEqual({ kind: 'error', of: 'link' });
    expect(rootTriggers).toContainEqual({ kind: 'done', of: '*' });
    expect(transitionsFrom(sample, 'end').map(({ trigger }) => trigger)).toEqual(
      expect.arrayContaining([
        { kind: 'after', delay: 'patience', ms: 1500 },
        { kind: 'after', delay: 'whim', ms: null },
      ]),
    );
  });

  test('holds the event that an action raises, or that a function computes it', () => {
    const raised = transitionsOf(sample).flatMap(({ actions }) =>
      actions.map(({ name, raises }) => [name, raises]),
    );
    expect(raised).toContainEqual(['giveUp', 'reject.late']);
    expect(raised).toContainEqual(['sayStop', 'stop']);
    expect(raised).toContainEqual(['decide', COMPUTED]);
    expect(raised).toContainEqual(['note', null]);
  });

  test('leaves out the timers that XState adds to entry', () => {
    expect(stateAt(sample, 'end').entry.map(({ name, spawns }) => [name, spawns])).toEqual([
      ['startChild', 'child'],
      ['note', null],
    ]);
  });

  test('distinguishes adapters from machines', () => {
    expect(sample.actors).toEqual([
      { name: 'link', machine: null },
      { name: 'child', machine: 'child' },
    ]);
  });

  test('holds every delay, also those that only actions use', () => {
    expect(chartModel(dialSchedulerMachine).delays).toContainEqual({
      name: 'redialDelay',
      ms: REDIAL_DELAY_MS,
    });
  });

  test('is plain data', () => {
    for (const machine of [sampleMachine, connectionSetupMachine]) {
      const model = chartModel(machine);
      expect(JSON.parse(JSON.stringify(model))).toEqual(model);
    }
  });
});

const transitionsFrom = (model: ChartModel, path: string) => stateAt(model, path).transitions;

test('computed params tell which events their action may raise, when they do not depend on the event', () => {
  type Given = { readonly type: string };
  const failure = (name: string) => ({ type: `fail.${name}` });
  const machine = setup({
    types: {
      events: {} as { type: 'closed'; how: string; late: boolean } | { type: 'fail.a' | 'fail.b' },
    },
    actions: { fail: raise((_, event: Given) => event as { type: 'fail.a' }) },
  }).createMachine({
    on: {
      closed: [
        { actions: { type: 'fail', params: () => ({ type: 'fail.a' }) } },
        {
          actions: {
            type: 'fail',
            params: ({ event }) => ({ type: event.late ? 'fail.b' : 'fail.a' }),
          },
        },
        {
          actions: {
            type: 'fail',
            params: ({ event }) => failure(event.how === 'reset' ? 'a' : 'b'),
          },
        },
        { actions: { type: 'fail', params: ({ event }) => event } },
        { actions: { type: 'fail', params: ({ event }) => ({ type: `fail.${event.late}` }) } },
      ],
      'fail.a': {},
      'fail.b': {},
    },
  });
  const [root] = chartModel(machine).states;
  const closed = root!.transitions.filter(
    ({ trigger }) => trigger.kind === 'event' && trigger.name === 'closed',
  );
  expect(closed.map(({ actions }) => actions[0]!.mayRaise)).toEqual([
    ['fail.a'],
    ['fail.a', 'fail.b'],
    ['fail.b', 'fail.a'],
    [],
    [],
  ]);
});
