import { describe, expect, test } from 'vitest';
import { assign, emit, fromCallback, setup } from 'xstate';

import { Inspection } from '../../src/actors/inspection.ts';
import { type Ending, runActor } from '../../src/actors/run-actor.ts';
import { StepClock } from '../support/step-clock.ts';
import { turns } from '../support/turn.ts';

type Event = { readonly type: 'count' | 'finish' | 'break' };

/** Counts to its output, and breaks when it is told to. */
const counter = setup({
  types: {
    input: {} as number,
    context: {} as { readonly count: number },
    events: {} as Event,
    emitted: {} as { readonly type: 'counted'; readonly count: number },
    output: {} as number,
  },
  delays: { patience: 1_000 },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1 }),
    tell: emit(({ context }) => ({ type: 'counted' as const, count: context.count })),
    break: () => {
      throw new Error('broken on purpose');
    },
  },
}).createMachine({
  context: ({ input }) => ({ count: input }),
  initial: 'counting',
  states: {
    counting: {
      on: { count: { actions: ['count', 'tell'] }, finish: 'done', break: { actions: 'break' } },
      after: { patience: 'done' },
    },
    done: { type: 'final' },
  },
  output: ({ context }) => context.count,
});

function run(input = 0, onSettled: () => void = () => {}) {
  const clock = new StepClock();
  const endings: Ending<number>[] = [];
  const log: string[] = [];
  const actor = runActor(counter, {
    id: 'counter',
    input,
    clock,
    inspection: new Inspection(() => {}),
    onCreated: (created) => log.push(`created ${created.id}`),
    onEmitted: ({ count }) => log.push(`emitted ${count}`),
    onSnapshot: ({ value, context }) => log.push(`${value} ${context.count}`),
    settle: (ending) => {
      endings.push(ending);
      onSettled();
    },
  });
  return { actor, clock, endings, log };
}

describe('an actor settles exactly once', () => {
  test('with its output when it is done', () => {
    const { actor, endings } = run(41);
    actor.send({ type: 'count' });
    actor.send({ type: 'finish' });
    actor.stop();
    expect(endings).toMatchObject([{ status: 'done', output: 42 }]);
  });

  test('as stopped when it is stopped from outside', () => {
    const { actor, endings } = run();
    actor.stop();
    actor.stop();
    expect(endings).toEqual([{ status: 'stopped' }]);
  });

  test('with the error of an action that throws, which does not reach the process', async () => {
    const { actor, endings } = run();
    actor.send({ type: 'break' });
    actor.stop();
    await turns();
    expect(endings).toMatchObject([{ status: 'error', error: { message: 'broken on purpose' } }]);
  });

  test('when it stops itself out of its own settling', () => {
    const at: { actor?: { stop(): void } } = {};
    const running = run(0, () => at.actor?.stop());
    at.actor = running.actor;
    running.actor.send({ type: 'finish' });
    expect(running.endings).toHaveLength(1);
  });

  test('even when it is over before it has begun', () => {
    const endings: Ending<string>[] = [];
    const brief = setup({ types: { output: {} as string } }).createMachine({
      initial: 'done',
      states: { done: { type: 'final' } },
      output: 'at once',
    });
    runActor(brief, {
      id: 'brief',
      input: undefined,
      clock: new StepClock(),
      inspection: new Inspection(() => {}),
      settle: (ending) => endings.push(ending),
    });
    expect(endings).toMatchObject([{ status: 'done', output: 'at once' }]);
  });

  test('with the error of the very first step', async () => {
    const endings: Ending<unknown>[] = [];
    const broken = fromCallback(() => {
      throw new Error('broken from the start');
    });
    runActor(broken, {
      id: 'broken',
      input: undefined,
      clock: new StepClock(),
      inspection: new Inspection(() => {}),
      settle: (ending) => endings.push(ending),
    });
    await turns();
    expect(endings).toMatchObject([
      { status: 'error', error: { message: 'broken from the start' } },
    ]);
  });
});

describe('on its way', () => {
  test('onCreated gets the actor before it starts, and onEmitted every event in order', () => {
    const { actor, log } = run();
    actor.send({ type: 'count' });
    actor.send({ type: 'count' });
    expect(log).toEqual([
      'created counter',
      'counting 0',
      'emitted 1',
      'counting 1',
      'emitted 2',
      'counting 2',
    ]);
  });

  test('its delays run on the clock it was given, and leave no timer', () => {
    const { clock, endings } = run(7);
    clock.advance(999);
    expect(endings).toEqual([]);
    clock.advance(1);
    expect(endings).toMatchObject([{ status: 'done', output: 7 }]);
    expect(clock.pending).toBe(0);
  });

  test('R9: an actor that was stopped leaves no timer', () => {
    const { actor, clock } = run();
    actor.stop();
    expect(clock.pending).toBe(0);
  });
});
