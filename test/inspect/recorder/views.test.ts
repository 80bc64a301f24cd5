import { describe, expect, test } from 'vitest';

import { MAX_LINES } from '../../../src/inspect/recorder/dials-view.ts';
import { ServerViews, type ViewSource } from '../../../src/inspect/recorder/views.ts';
import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { createWorld } from '../../../src/testing/world/world.ts';
import { settledHeap } from '../../fuzz/watchdog.ts';
import { StepClock } from '../../support/step-clock.ts';
import { enodeOf, type Member, meet, World } from '../../support/world.ts';

const EFFORT = { ms: 5, bytesIn: 6, bytesOut: 7 };

function viewsOf(
  { server }: Member,
  { clock }: World,
  rest: Partial<ViewSource> = {},
): ServerViews {
  const none = new Map<number, string>();
  return new ServerViews({
    ...{
      server,
      clock,
      statsOf: () => EFFORT,
      slotHolders: () => none,
      discoveryOf: () => ({ bootnodes: 0, stats: null }),
      loopDelay: () => 3,
    },
    onPhase: () => {},
    ...rest,
  });
}

describe('the tables of', () => {
  test('a server with a peer', async () => {
    const { world, a, b } = await meet();
    const asked: string[] = [];
    const statsOf = (connection: string) => {
      asked.push(connection);
      return EFFORT;
    };
    const views = viewsOf(a, world, { statsOf });
    expect(views.read()).toMatchObject({
      server: {
        state: 'running',
        enode: a.server.self.enode,
        peers: 1,
        inbound: 0,
        trusted: 0,
        loopDelay: 3,
      },
      peers: [
        {
          connection: '1',
          id: b.key.id,
          direction: 'static',
          remote: '192.0.2.1:30002',
          trusted: false,
          protocols: ['echo/1'],
          capabilities: ['echo/1'],
          age: 5,
          bytesIn: 6,
          bytesOut: 7,
        },
      ],
    });
    expect(asked).toEqual(['1']);
    const theirs = viewsOf(b, world);
    expect(theirs.read()).toMatchObject({
      server: { peers: 1, inbound: 1, maxPeers: 50 },
      listener: { state: 'open.accepting', address: '192.0.2.1:30002', used: 0, turnedAway: 0 },
    });
    views.close();
    theirs.close();
    await world.end();
  });

  test('a server that was never started', async () => {
    const world = new World();
    const a = world.add(1);
    const views = viewsOf(a, world);
    expect(views.read()).toMatchObject({ server: { state: 'idle' }, listener: null, dials: null });
    views.close();
    await world.end();
  });

  test('dials: which nodes were dialled, and the time until they may be dialled again', async () => {
    const { world, a, b } = await meet();
    const views = viewsOf(a, world);
    a.server.addPeer(enodeOf(9)); // no host has this address
    await world.advance(5_000);
    const { dials } = views.read();
    expect(dials).toMatchObject({
      running: [],
      dialled: 1,
      queued: [],
      queuedTotal: 0,
      historyTotal: 2,
      staticsTotal: 2,
    });
    const [, missing] = dials!.statics;
    expect(dials!.statics[0]).toMatchObject({
      id: b.key.id,
      remote: '192.0.2.1:30002',
      last: { state: 'connected' },
      status: 'connected',
      msLeft: null,
    });
    expect(missing).toMatchObject({ status: 'waiting', msLeft: REDIAL_DELAY_MS - 5_000 });
    const { id, remote, last } = missing!;
    expect([remote, last]).toEqual([
      '192.0.2.1:30009',
      expect.objectContaining({ did: 'refused' }),
    ]);
    expect(dials!.history).toContainEqual({
      ...{ id, remote, last },
      ...{ msLeft: REDIAL_DELAY_MS - 5_000, because: null },
    });
    views.close();
    await world.end();
  });

  test('dials: static nodes without a place, with what helps', async () => {
    const { world, a } = await meet({ a: { maxPeers: 3 } });
    const views = viewsOf(a, world);
    expect(views.read().dials!.heldBack).toBeNull();
    a.server.addPeer(enodeOf(9));
    const { statics, heldBack, state } = views.read().dials!;
    expect(statics.map(({ status }) => status)).toEqual(['connected', 'heldBack']);
    expect(heldBack!.verdict).toContain('A static node is not dialled');
    expect(heldBack!.remedy).toContain('maxPeers');
    expect(state).toContain('staticNodes.heldBack');
    views.close();
    await world.end();
  });

  test('dials of a server that starts later', async () => {
    const world = new World();
    const a = world.add(1, { staticNodes: [enodeOf(9)] });
    const views = viewsOf(a, world);
    await world.advance(1_000);
    await world.start(a);
    await world.advance(2_000);
    expect(views.read().dials!.history).toMatchObject([{ msLeft: REDIAL_DELAY_MS - 2_000 }]);
    views.close();
    await world.end();
  });

  test('discovery: its table, and what its socket counts', async () => {
    const world = createWorld({ seed: 1, crypto: 'fast' });
    const node = world.node({ discovery: 'v4' });
    const lonely = world.node({});
    await world.start(node, lonely);
    const stats = node.server.discovery!.stats();
    const source = {
      ...{ clock: new StepClock(), statsOf: () => EFFORT, slotHolders: () => new Map() },
      ...{ discoveryOf: () => ({ bootnodes: 0, stats }), loopDelay: () => 3, onPhase: () => {} },
    };
    const views = new ServerViews({ ...source, server: node.server });
    const { discovery } = views.read();
    expect(discovery!.buckets).toHaveLength(17);
    expect(discovery!.packets).toMatchObject({ datagramsIn: 0 });
    expect(discovery!.status.sentence).toContain('there are no bootnodes');
    expect(views.diagnosis()).toMatchObject({ is: 'discovery', tone: 'bad' });
    const without = new ServerViews({ ...source, server: lonely.server });
    expect(without.read().discovery).toBeNull();
    expect(without.diagnosis().is).toBe('nothingConfigured');
    for (const each of [views, without]) each.close();
    await world.end();
  });

  test('discovery: both versions, of which one that finds nodes is enough', async () => {
    const world = createWorld({ seed: 1, crypto: 'fast' });
    const bootnode = world.node({ discovery: 'v5' });
    await world.start(bootnode);
    const known = { bootnodesV5: [bootnode.server.self.enr!], noDial: true };
    const node = world.node({ ...known, discovery: ['v4', 'v5'] });
    await world.start(node, world.node({ ...known, discovery: 'v5' }));
    await world.run('60s');
    const { discovery, discoveryV5 } = node.server;
    const source = {
      ...{ clock: new StepClock(), statsOf: () => EFFORT, slotHolders: () => new Map() },
      discoveryOf: (version: 'v4' | 'v5') => ({
        bootnodes: version === 'v5' ? 1 : 0,
        stats: (version === 'v5' ? discoveryV5 : discovery)!.stats(),
      }),
      ...{ loopDelay: () => 3, onPhase: () => {} },
    };
    const views = new ServerViews({ ...source, server: node.server });
    const read = views.read();
    expect(read.discovery!.status.tone).toBe('bad');
    expect(read.discoveryV5!.status.tone).toBe('good');
    expect(read.discovery!.packets!.byType.map(({ packet }) => packet)).toContain('neighbors');
    const { byType, budgets } = read.discoveryV5!.packets!;
    expect(byType.find(({ packet }) => packet === 'handshake')!.sent).toBeGreaterThan(0);
    expect(budgets.map(({ budget }) => budget)).toEqual([
      ...['requests', 'sessions', 'handshakes', 'talks', 'sources'],
    ]);
    expect(budgets.find(({ budget }) => budget === 'sessions')!.used).toBe(2);
    expect(views.diagnosis().is).not.toBe('discovery');
    views.close();
    await world.end();
  });

  test('the listener: the connection in each slot, and how many callers were turned away', async () => {
    const world = new World();
    const a = world.add(1, { maxPendingPeers: 3 });
    const holders = new Map([
      [8, 'b'],
      [7, 'a'],
    ]);
    const views = viewsOf(a, world, { slotHolders: () => holders });
    await world.start(a);
    for (let caller = 1; caller <= 5; caller += 1) {
      const from = { host: `198.51.${caller}.1`, port: 4_444 };
      world.network.connect(a.server.self.address!, from)!.a.duplex.resume();
    }
    await world.advance(1_000);
    expect(views.read().listener).toMatchObject({
      state: 'open.full',
      slots: ['a', 'b', null],
      slotsTotal: 3,
      used: 3,
      turnedAway: 2,
    });
    views.close();
    await world.end();
  });

  test('a large server are cut, and have the total number of lines', async () => {
    const world = new World();
    const many = Array.from({ length: MAX_LINES + 20 }, (_, index) => enodeOf(index + 5));
    const a = world.add(1, { staticNodes: many.slice(0, MAX_LINES + 20) });
    await world.start(a);
    const { dials } = viewsOf(a, world).read();
    expect([dials!.statics.length, dials!.staticsTotal]).toEqual([MAX_LINES, MAX_LINES + 20]);
    await world.end();
  });
});

test('a server that fails does not break its tables', async () => {
  const { world, a } = await meet({ a: { protocols: [echo()] } });
  const views = viewsOf(a, world);
  views.close();
  const before = views.read().dials!.historyTotal;
  await world.end();
  expect(before).toBe(1);
});

test('tables that are closed are not held by a server that goes on', async () => {
  const { world, a } = await meet();
  const open = () => {
    const views = viewsOf(a, world);
    views.close();
    return new WeakRef(views);
  };
  const left = open();
  await new Promise((resolve) => setImmediate(resolve));
  await settledHeap();
  expect(left.deref()).toBeUndefined();
  expect(a.server.peers).toHaveLength(1);
  await world.end();
});

test('tables that are closed have removed every listener of the server', async () => {
  const { world, a } = await meet();
  const { server } = a;
  let listeners = 0;
  const on: typeof server.on = (type, listener) => {
    listeners += 1;
    const off = server.on(type, listener);
    return () => {
      listeners -= 1;
      off();
    };
  };
  const { actor, self, peers } = server;
  const views = viewsOf(a, world, { server: { actor, self, peers, on } });
  expect(listeners).toBeGreaterThan(1);
  views.close();
  expect(listeners).toBe(0);
  await world.end();
});
