/** The data of the tables. */
import { describe, expect, test } from 'vitest';

import { Store } from '../../../../src/inspect/page/model/store.ts';
import { dialOf, inOrder, tablesOf } from '../../../../src/inspect/page/model/tables.ts';
import type { Views } from '../../../../src/inspect/protocol.ts';
import { recordedStore } from '../../../support/recorded-store.ts';
import { actorLine, HEADER, stepLine } from '../../../support/recording-lines.ts';

const VIEWS: Views = {
  diagnosis: { is: 'healthy', tone: 'good', sentence: '1 peer of 50.', remedy: '' },
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
  },
  peers: [],
};

test('data that the server sends is shown unchanged', () => {
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
    expect(await at(210)).toMatchObject({ slots: [null, '2'] });
    expect(await at(1_000)).toMatchObject({ slots: [null, null] });
  });

  test('a slot number above the limit is not drawn', async () => {
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
    expect(tablesOf(store).listener?.slots).toEqual([]);
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
