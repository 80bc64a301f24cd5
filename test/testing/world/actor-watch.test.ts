import { expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';

import { ActorWatch, type Observation } from '../../../src/testing/world/actor-watch.ts';
import { settledHeap } from '../../fuzz/watchdog.ts';
import { turns } from '../../support/turn.ts';

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { press: 'on', ignore: {} } },
    on: { on: { press: 'off', smash: 'broken' } },
    broken: { type: 'final' },
  },
});

function watched(id = 'lamp') {
  const log: string[] = [];
  const watch = new ActorWatch({
    onTransition: (...words) => log.push(words.join(' ')),
    onIgnored: (node, actor, event) => log.push(`ignored ${node} ${actor} ${event}`),
    onObserverError: (error) => log.push(String(error)),
  });
  const actor = createActor(lamp, { id, inspect: watch.inspectorOf('node 1') });
  return { watch, log, actor };
}

test('every transition is reported, and every event that no state handles', () => {
  const { log, actor } = watched();
  actor.start();
  log.length = 0;
  for (const type of ['press', 'kick', 'press', 'ignore']) actor.send({ type });
  expect(log).toEqual([
    'node 1 lamp press "on"',
    'ignored node 1 lamp kick',
    'node 1 lamp kick "on"',
    'node 1 lamp press "off"',
    'node 1 lamp ignore "off"',
  ]);
});

test('active actors are listed until they end', () => {
  const { watch, actor } = watched();
  const other = createActor(lamp, { id: 'other', inspect: watch.inspectorOf('node 2') });
  actor.start();
  other.start();
  expect(watch.active()).toEqual([
    { node: 'node 1', id: 'lamp' },
    { node: 'node 2', id: 'other' },
  ]);
  for (const type of ['press', 'smash']) actor.send({ type });
  expect(watch.active()).toEqual([{ node: 'node 2', id: 'other' }]);
  other.stop();
  expect(watch.active()).toEqual([]);
});

test('an actor that has ended is not held', async () => {
  const { watch, actor } = watched();
  actor.start();
  const end = () => {
    const other = createActor(lamp, { inspect: watch.inspectorOf('node 2') });
    other.start();
    other.stop();
    return new WeakRef(other);
  };
  const left = end();
  await new Promise((resolve) => setImmediate(resolve));
  await settledHeap();
  expect(left.deref()).toBeUndefined();
  expect(watch.active()).toHaveLength(1);
});

test('an observer gets every event with its snapshot until it is removed', () => {
  const { watch, actor } = watched();
  const seen: Observation[] = [];
  actor.start();
  const stop = watch.observe((observation) => seen.push(observation));
  actor.send({ type: 'press' });
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ node: 'node 1', event: { type: 'press' }, actor });
  expect(seen[0]!.snapshot).toBe(actor.getSnapshot());
  stop();
  actor.send({ type: 'press' });
  expect(seen).toHaveLength(1);
});

test('E19: an observer whose promise rejects is reported', async () => {
  const { watch, actor, log } = watched();
  actor.start();
  watch.observe(async () => Promise.reject(new Error('it is not on')));
  actor.send({ type: 'press' });
  await turns();
  expect(log).toContain('Error: it is not on');
});

test('an error of an observer is reported and changes nothing', () => {
  const { watch, actor, log } = watched();
  actor.start();
  watch.observe(() => {
    throw new Error('it is not on');
  });
  actor.send({ type: 'press' });
  expect(log).toContain('Error: it is not on');
  expect(actor.getSnapshot().value).toBe('on');
});

test('the invoked actors of a machine that ends at once never count as active', () => {
  const { watch } = watched();
  const hasty = createMachine({
    id: 'hasty',
    invoke: { src: lamp },
    initial: 'over',
    states: { over: { type: 'final' } },
  });
  createActor(hasty, { inspect: watch.inspectorOf('node 1') }).start();
  expect(watch.active()).toEqual([]);
});
