/** The data of the tables. */
import { describe, expect, test } from 'vitest';

import { Store } from '../../../../src/inspect/page/model/store.ts';
import {
  dialOf,
  inOrder,
  settingUpIn,
  tablesOf,
} from '../../../../src/inspect/page/model/tables.ts';
import type { Views } from '../../../../src/inspect/protocol.ts';
import { recordedStore } from '../../../support/recorded-store.ts';
import { actorLine, HEADER, stepLine } from '../../../support/recording-lines.ts';
import { NodeFrames, setupRow } from './node-frames.ts';

const VIEWS: Views = {
  server: {
    state: 'running',
    enode: 'enode://aa',
    peers: 1,
    maxPeers: 50,
    inbound: 1,
    maxInbound: 34,
    trusted: 0,
    loopDelay: 2,
  },
  listener: null,
  discovery: null,
  discoveryV5: null,
  dials: {
    state: 'scheduling',
    running: [{ id: 'cd', remote: '', direction: 'static' }],
    maxRunning: 16,
    dialled: 0,
    maxDialled: 16,
    queued: [],
    queuedTotal: 0,
    history: [],
    historyTotal: 0,
    statics: [],
    staticsTotal: 0,
    heldBack: null,
  },
  peers: [],
};

const peerView = (connection: string) => ({
  ...{ connection, id: 'ab', client: '', remote: 'a:1', direction: 'inbound' as const },
  ...{ trusted: true, protocols: [], capabilities: [], age: 1, bytesIn: 6, bytesOut: 7 },
});

test('without the actors of the server, what it sends is shown unchanged', () => {
  const store = new Store();
  store.apply({ t: 1, hz: 10, views: VIEWS });
  expect(tablesOf(store)).toEqual({
    dials: VIEWS.dials,
    dialling: VIEWS.dials!.running,
    scheduler: 'scheduling',
    server: VIEWS.server,
    listener: null,
    peers: [],
  });
});

test('numbers are those of the actors, which are newer than the views', () => {
  const [node, store] = [new NodeFrames(), new Store()];
  node.born('server', 'server', 'active.phase.running+active.listener.live');
  node.born('dial-scheduler', 'dial-scheduler', 'scheduling');
  node.born('listener', 'listener', 'open.accepting');
  for (const each of [1, 2, 3]) {
    const row = setupRow({ direction: each === 3 ? 'static' : 'inbound', slot: each });
    const setup = node.born('connection-setup', `connection-setup:${each}`, 'admitted', row);
    node.over(setup);
    node.born('peer', `peer:${each}`, 'running', { protocols: [] });
  }
  node.born('connection-setup', 'connection-setup:4', 'protoHandshake', setupRow({ slot: 77 }));
  const listener = {
    ...{ state: 'open.full', address: 'a:1', slots: [null, null], slotsTotal: 2, used: 2 },
    turnedAway: 5,
  };
  node.views({ ...VIEWS, listener, peers: [peerView('2')] });
  store.apply(node.frame());
  const { server, listener: shown, dials, dialling, peers, scheduler } = tablesOf(store);
  expect(server).toMatchObject({ state: 'running', peers: 3, inbound: 2, maxPeers: 50 });
  expect(shown).toMatchObject({
    ...{ state: 'open.accepting', slots: ['4', null], used: 1, slotsTotal: 2, turnedAway: 5 },
  });
  expect([dials?.dialled, dials?.maxDialled, dialling, scheduler]).toEqual([
    ...[1, 16, [], 'scheduling'],
  ]);
  expect(peers.map(({ connection, bytesIn }) => [connection, bytesIn])).toEqual([
    ...[
      ['1', null],
      ['2', 6],
      ['3', null],
    ],
  ]);
  expect(settingUpIn(store)).toBe(1);
});

test('where the recorder has left actors out, what the server sends is shown', () => {
  const [node, store] = [new NodeFrames(), new Store()];
  node.born('server', 'server', 'active.phase.running');
  node.views(VIEWS);
  store.apply(node.frame({ unrecordedActors: 3 }));
  expect(tablesOf(store).server).toEqual(VIEWS.server);
});

describe('tables of a recording are derived from its actors', () => {
  test('peers with their age', async () => {
    const { peers, server } = tablesOf(await recordedStore());
    expect(peers).toEqual([
      {
        connection: '1',
        direction: 'inbound',
        remote: '10.0.0.1:4000',
        id: 'ab'.repeat(32),
        client: 'geth/v1.16',
        capabilities: ['eth/69'],
        protocols: ['eth/69'],
        age: 879,
        trusted: null,
        bytesIn: null,
        bytesOut: null,
      },
    ]);
    expect(server).toMatchObject({ state: 'running', peers: 1, inbound: 1, maxPeers: null });
  });

  test('slots with their connections', async () => {
    const at = async (t: number) => tablesOf(await recordedStore(undefined, t)).listener;
    expect(await at(110)).toMatchObject({ state: 'open.accepting', slots: ['1'], address: null });
    expect(await at(210)).toMatchObject({ slots: ['2'], used: 1, slotsTotal: null });
    expect(await at(1_000)).toMatchObject({ slots: [], used: 0 });
  });

  test('a slot of a high number, for no number is used twice', async () => {
    const row = {
      direction: 'inbound',
      remote: 'a:1',
      slot: 1e9,
      id: '',
      client: '',
      capabilities: [],
    };
    const store = await recordedStore([
      HEADER,
      actorLine(0, 1, 'listener', 'listener'),
      actorLine(0, 2, 'connection-setup', 'connection-setup:1'),
      { type: 'row', actor: 2, row },
    ]);
    expect(tablesOf(store).listener).toMatchObject({ slots: ['1'], used: 1 });
  });

  test('dials in progress', async () => {
    const store = await recordedStore();
    const id = 'cd'.repeat(32);
    expect(tablesOf(store)).toMatchObject({
      dialling: [{ id, direction: 'dynamic', remote: '10.0.0.3:30303' }],
      dials: null,
      scheduler: null,
    });
    expect(dialOf(store, id)?.key).toBe('d6');
    expect(dialOf(store, 'ee')).toBeUndefined();
  });

  test('an ended server actor is not shown', async () => {
    const store = await recordedStore([
      HEADER,
      actorLine(0, 1, 'server', 'server'),
      stepLine(0, 1, 'xstate.init', 'stopped'),
      { type: 'actorEnded', t: 1, actor: 1, status: 'done' },
    ]);
    expect(tablesOf(store)).toMatchObject({ server: null, listener: null, peers: [] });
  });
});

describe('the order of lines', () => {
  const order = (values: readonly (string | number | null)[], isDown: boolean) =>
    inOrder(values, (value) => value, { by: '', isDown });

  test('is numeric for numbers', () => {
    expect(order([10, 9, 100], false)).toEqual([9, 10, 100]);
    expect(order([10, 9, 100], true)).toEqual([100, 10, 9]);
  });

  test('is alphabetical for text', () => {
    expect(order(['b', 'a', 'c'], false)).toEqual(['a', 'b', 'c']);
    expect(order(['b', 'a', 'c'], true)).toEqual(['c', 'b', 'a']);
  });

  test('puts unknown values last in both directions', () => {
    expect(order([null, 1, 2], false)).toEqual([1, 2, null]);
    expect(order([1, null, 2], true)).toEqual([2, 1, null]);
  });
});
