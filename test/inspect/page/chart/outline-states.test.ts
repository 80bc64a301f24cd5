/** States of a machine as a tree. */
import { expect, test } from 'vitest';

import { type OutlineState, outlineOf } from '../../../../src/inspect/page/chart/outline-states.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { recordedStore } from '../../../support/recorded-store.ts';
import { actorLine, HEADER, stepLine } from '../../../support/recording-lines.ts';

/** States with actors in them. */
const active = (states: readonly OutlineState[]): readonly string[] =>
  states.flatMap(({ path, active: count, children }) => [
    ...(count > 0 ? [`${path} ${count}`] : []),
    ...active(children),
  ]);

const within = (machine: string, ...states: readonly string[]) =>
  recordedStore([
    HEADER,
    ...states.flatMap((state, actor) => [
      actorLine(0, actor, machine, `${machine}:${actor}`),
      stepLine(0, actor, 'xstate.init', state),
    ]),
  ]);

test('the outline has every state of the picture below its parent, rows included', () => {
  const states = outlineOf(new Store(), 'connection-setup');
  const names = states.map(({ name }) => name);
  expect(names).toContain('encHandshake');
  expect(
    states.find(({ name }) => name === 'encHandshake')?.children.map(({ name }) => name),
  ).toContain('awaitingAck');
  expect(
    states.find(({ name }) => name === 'rejected')?.children.map(({ path }) => path),
  ).toContain('rejected.tooManyPeers');
  expect(active(states)).toEqual([]);
});

test('a state counts actors in it and in its children', async () => {
  const store = await within(
    'connection-setup',
    'encHandshake.awaitingAck',
    'encHandshake.awaitingAuth',
    'protoHandshake',
  );
  expect(active(outlineOf(store, 'connection-setup'))).toEqual([
    'encHandshake 2',
    'encHandshake.awaitingAck 1',
    'encHandshake.awaitingAuth 1',
    'protoHandshake 1',
  ]);
});

test('an actor in parallel regions counts once in their parent', async () => {
  const store = await within(
    'dial-scheduler',
    'scheduling.slots.hungry+fallback.noPeers+candidates.pulling',
  );
  expect(active(outlineOf(store, 'dial-scheduler'))).toEqual([
    'scheduling 1',
    'scheduling.slots 1',
    'scheduling.slots.hungry 1',
    'scheduling.fallback 1',
    'scheduling.fallback.noPeers 1',
    'scheduling.candidates 1',
    'scheduling.candidates.pulling 1',
  ]);
});

test('without a picture the outline has the states of its actors', async () => {
  const store = await within('something', 'a.b', 'a.c');
  expect(outlineOf(store, 'something')).toEqual([
    {
      path: 'a',
      name: 'a',
      active: 2,
      children: [
        { path: 'a.b', name: 'b', active: 1, children: [] },
        { path: 'a.c', name: 'c', active: 1, children: [] },
      ],
    },
  ]);
});

test('ended actors do not count unless requested', async () => {
  const store = await recordedStore();
  const of = (only?: readonly number[]) => active(outlineOf(store, 'connection-setup', only));
  expect(of()).toEqual([]);
  expect(of([5])).toEqual(['rejected 1', 'rejected.tooManyPeers 1']);
});
