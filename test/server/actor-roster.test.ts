import { describe, expect, test } from 'vitest';
import { assign, emit, setup } from 'xstate';
import { Inspection } from '../../src/actors/inspection.ts';
import { ActorRoster } from '../../src/server/actor-roster.ts';
import { StepClock } from '../support/step-clock.ts';

const jobMachine = setup({
  types: {
    input: {} as { readonly word: string },
    context: {} as { readonly word: string },
    events: {} as { readonly type: 'stop' } | { readonly type: 'break' },
    emitted: {} as { readonly type: 'began' },
    output: {} as string,
  },
}).createMachine({
  context: ({ input }) => input,
  initial: 'working',
  states: {
    working: {
      entry: emit({ type: 'began' }),
      on: {
        stop: 'done',
        break: {
          actions: assign(() => {
            throw new Error('a mistake');
          }),
        },
      },
    },
    done: { type: 'final' },
  },
  output: ({ context }) => context.word,
});

function someRoster() {
  const faults: string[] = [];
  const ends: string[] = [];
  const changes: string[] = [];
  const clock = new StepClock();
  const roster = new ActorRoster({
    logic: jobMachine,
    name: 'job',
    clock,
    inspection: new Inspection(() => {}),
    onFault: (error, where) => faults.push(`${where}: ${error}`),
    onState: ({ key, previous, state, isLast }) =>
      changes.push(`${key} ${previous} → ${state}${isLast ? ', the last one' : ''}`),
  });
  const start = (key: string): void =>
    roster.start({
      key,
      input: { word: `${key} finished` },
      otherwise: `${key} stopped early`,
      onEnd: (output) => {
        expect(roster.get(key)).toBe(undefined);
        ends.push(output);
      },
    });
  return { roster, faults, ends, changes, clock, start };
}

describe('a roster of actors', () => {
  test('knows its running actors by key, in the order of their start', () => {
    const { roster, start } = someRoster();
    start('b');
    start('a');
    expect(roster.actors.map(({ id }) => id)).toEqual(['job:b', 'job:a']);
    expect(roster.get('a')?.id).toBe('job:a');
    expect(roster.get('c')).toBe(undefined);
  });

  test('holds an actor already when its first events arrive', () => {
    const { roster } = someRoster();
    let began: string | undefined;
    roster.start({
      ...{ key: 'a', label: 'short', input: { word: '' }, otherwise: '', onEnd: () => {} },
      onEmitted: () => {
        began = roster.get('a')?.id;
      },
    });
    expect(began).toBe('job:short');
  });

  test('reports each end once, with the output of the actor', () => {
    const { roster, faults, ends, start } = someRoster();
    start('a');
    start('b');
    roster.get('a')!.send({ type: 'stop' });
    expect([ends, roster.actors.length]).toEqual([['a finished'], 1]);
    roster.sendToAll({ type: 'stop' });
    roster.destroy();
    expect([ends, faults, roster.actors]).toEqual([['a finished', 'b finished'], [], []]);
  });

  test('knows since when each actor is in its state, and reports each state with the one before', () => {
    const { roster, changes, clock, start } = someRoster();
    start('a');
    clock.advance(20.4);
    expect(roster.states).toMatchObject([{ key: 'a', state: 'working', inStateMs: 20 }]);
    roster.get('a')!.send({ type: 'stop' });
    start('b');
    roster.destroy();
    expect(changes).toEqual([
      ...['a null → working', 'a working → done, the last one'],
      ...['b null → working', 'b working → working, the last one'],
    ]);
    expect(roster.states).toEqual([]);
  });

  test('reports the given output for actors that are destroyed', () => {
    const { roster, ends, start } = someRoster();
    start('a');
    start('b');
    roster.destroy();
    expect(ends).toEqual(['a stopped early', 'b stopped early']);
  });

  test('reports the internal error that ended an actor, and the others go on', () => {
    const { roster, faults, ends, start } = someRoster();
    start('a');
    start('b');
    roster.get('a')!.send({ type: 'break' });
    expect(faults).toEqual(['job: Error: a mistake']);
    expect([ends, roster.actors.length]).toEqual([['a stopped early'], 1]);
  });
});
