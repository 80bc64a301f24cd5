import { describe, expect, test } from 'vitest';
import { raise, sendTo, setup } from 'xstate';
import { Lifecycle } from '../../src/actors/lifecycle.ts';
import { runActor } from '../../src/actors/run-actor.ts';
import { settledHeap } from '../fuzz/watchdog.ts';
import { house, lamp, recordLifecycle, stage } from '../support/inspected-actors.ts';

/** From the first moment. */
function watched() {
  const at = stage();
  const { heard, watcher } = recordLifecycle();
  at.inspection.watch(watcher);
  return { ...at, heard };
}

describe('a life', () => {
  test('is reported from start to stop, step by step', () => {
    const { run, heard } = watched();
    const actor = run(lamp);
    actor.send({ type: 'flip' });
    actor.stop();
    expect(heard).toEqual([
      '1 lamp child of none',
      '1 xstate.init (0) "off"',
      '1 flip (1) "on"',
      '1 xstate.stop (0) "on"',
      '1 stopped',
    ]);
  });

  test('that ends by itself is done', () => {
    const { run, heard } = watched();
    run(lamp).send({ type: 'smash' });
    expect(heard.slice(-2)).toEqual(['1 smash (1) "smashed"', '1 done']);
  });

  test('takes an event that it raises in the same step', () => {
    const { run, heard } = watched();
    run(lamp).send({ type: 'blink' });
    expect(heard.at(-1)).toBe('1 blink (2) "on"');
  });

  test('an event that no state handles takes no transition', () => {
    const { run, heard } = watched();
    run(lamp).send({ type: 'unknown' });
    expect(heard.at(-1)).toBe('1 unknown (0) "off"');
  });

  test('goes on when time passes', () => {
    const { run, heard, clock } = watched();
    run(lamp).send({ type: 'flip' });
    clock.advance(1_000);
    expect(heard.at(-1)).toBe('1 xstate.after.patience.lamp.on (1) "off"');
  });

  test('that fails is reported ended once', () => {
    const { run, heard, clock } = watched();
    const actor = run(lamp);
    actor.send({ type: 'break' });
    clock.advance(1_000);
    expect(heard.slice(2)).toEqual(['1 error']);
  });
});

describe('parents and children', () => {
  test('the step that made a child is reported before the steps of the child, and once', () => {
    const { run, heard } = watched();
    run(house).send({ type: 'dusk' });
    expect(heard.slice(2)).toEqual([
      '2 lamp child of 1',
      '1 dusk (2) {"night":"lit"}',
      '2 xstate.init (0) "off"',
      '2 flip (1) "on"',
    ]);
  });

  test('a child is stopped with the state that had it', () => {
    const { run, heard } = watched();
    const home = run(house);
    home.send({ type: 'dusk' });
    heard.length = 0;
    home.send({ type: 'dawn' });
    expect(heard).toEqual(['1 dawn (1) "day"', '2 xstate.stop (0) "on"', '2 stopped']);
  });

  test('a child that failed is reported ended with its parent', () => {
    const { run, heard } = watched();
    const home = run(house);
    home.send({ type: 'dusk' });
    home.send({ type: 'storm' });
    heard.length = 0;
    home.stop();
    expect(heard.slice(-2)).toEqual(['2 error', '1 stopped']);
  });

  test('a child invoked again gets a new number', () => {
    const { run, heard } = watched();
    const home = run(house);
    for (const type of ['dusk', 'dawn', 'dusk'] as const) home.send({ type });
    run(lamp);
    expect(heard.filter((word) => word.includes('child'))).toEqual([
      '1 house child of none',
      '2 lamp child of 1',
      '3 lamp child of 1',
      '4 lamp child of none',
    ]);
  });
});

describe('a watcher that is added late', () => {
  test('gets the existing actors with their states, and then their steps', () => {
    const { run, inspection } = stage();
    const home = run(house);
    home.send({ type: 'dusk' });
    const { heard, watcher } = recordLifecycle();
    inspection.watch(watcher);
    home.send({ type: 'dawn' });
    expect(heard).toEqual([
      '1 house child of none',
      '1 adopted in {"night":"lit"}',
      '2 lamp child of 1',
      '2 adopted in "on"',
      '1 dawn (1) "day"',
      '2 xstate.stop (0) "on"',
      '2 stopped',
    ]);
  });

  test('numbers those it has missed like all others', () => {
    const { run, inspection } = stage();
    run(lamp, 'old');
    const { heard, watcher } = recordLifecycle();
    inspection.watch(watcher);
    run(lamp, 'new');
    expect(heard.filter((word) => word.includes('child'))).toEqual([
      '1 old child of none',
      '2 new child of none',
    ]);
  });
});

/** Fails in the second half of a step. */
const brittle = setup({
  types: { events: {} as { readonly type: 'strain' | 'break' } },
  actions: {
    strainMore: raise({ type: 'break' }),
    throw: () => {
      throw new Error('broken on purpose');
    },
  },
}).createMachine({
  id: 'brittle',
  on: { strain: { actions: 'strainMore' }, break: { actions: 'throw' } },
});

/** Has a brittle child, and goes on when it fails. */
const owner = setup({
  types: {
    events: {} as { readonly type: 'strain' | 'nothing' | 'last' },
    children: {} as { brittle: 'brittle' },
  },
  actors: { brittle },
  actions: { strain: sendTo('brittle', { type: 'strain' }) },
}).createMachine({
  id: 'owner',
  invoke: { id: 'brittle', src: 'brittle', onError: { actions: [] } },
  initial: 'open',
  states: {
    open: {
      on: {
        strain: { actions: 'strain' },
        nothing: {},
        last: { target: 'over', actions: 'strain' },
      },
    },
    over: { type: 'final' },
  },
});

describe('what has ended is not held', () => {
  /** Reports what is left of each actor, by its number, while the inspection goes on. */
  function counted() {
    const at = stage();
    const left: WeakRef<object>[] = [];
    at.inspection.watch(
      new Lifecycle({
        started: (actor) => void left.push(new WeakRef(actor)),
        ...{ stepped: () => {}, found: () => {}, ended: () => {} },
      }),
    );
    const held = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await settledHeap();
      return left.map((actor) => actor.deref() !== undefined);
    };
    const runOwner = () =>
      runActor(owner, {
        ...{ id: 'owner', input: undefined, settle: () => {} },
        ...{ clock: at.clock, inspection: at.inspection },
      });
    return { ...at, held, runOwner };
  }

  test('an actor that was stopped', async () => {
    const { run, held } = counted();
    const actor = run(lamp);
    expect(await held()).toEqual([true]);
    actor.stop();
    expect(await held()).toEqual([false]);
  });

  test('a child, while its parent goes on', async () => {
    const { run, held } = counted();
    const home = run(house);
    home.send({ type: 'dusk' });
    home.send({ type: 'dawn' });
    expect(await held()).toEqual([true, false]);
    home.send({ type: 'dusk' });
  });

  test('a child that failed in the middle of a step, and its parent', async () => {
    const { held, runOwner } = counted();
    const actor = runOwner();
    actor.send({ type: 'strain' });
    actor.send({ type: 'nothing' });
    actor.stop();
    expect(await held()).toEqual([false, false]);
  });

  test('a child that failed in the last step of its parent', async () => {
    const { held, runOwner } = counted();
    runOwner().send({ type: 'last' });
    expect(await held()).toEqual([false, false]);
  });
});
