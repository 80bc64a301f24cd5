/** A server whose parts break, hang or never answer, on virtual time. */
import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';
import type { DialerEvent } from '../../src/io/adapters/tcp-dialer.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/adapters/tcp-listener.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { CONNECT_TIMEOUT_MS } from '../../src/machines/dialing/dial-task.ts';
import { ACCEPT_PAUSE_MS, BIND_TIMEOUT_MS } from '../../src/machines/listening/listener.ts';
import { LOCAL_NODE_TIMEOUT_MS } from '../../src/machines/server/server-setup.ts';
import { echo } from '../../src/protocols/echo.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { brokenActor } from '../support/broken-actor.ts';
import { seededRandom } from '../support/crypto.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { enodeOf, keyOf, meet, slotsInUse, storyOf, World } from '../support/world.ts';

const HERE: Endpoint = { host: '192.0.2.1', port: 30_001 };

/** An accept that fails for good. */
const fatal: SocketServerEvent = { type: 'accept.failed', temporary: false, message: 'EIO' };

/** What `stop()` promises. */
const STOP_MS = 5_000;

const BINDING = { active: { phase: { starting: 'listening' } } } as const;

describe('a start', () => {
  test('whose address is never bound fails in time, and may be repeated', async () => {
    const sockets = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>();
    const world = new World();
    const a = world.add(1, { ports: { listener: sockets.logic } });

    const failed = a.server.start().catch((error: unknown) => error);
    await world.advance(BIND_TIMEOUT_MS - 1);
    expect(a.server.actor.getSnapshot().matches(BINDING)).toBe(true);
    await world.advance(1);
    expect(await failed).toMatchObject({
      code: 'startFailed',
      message: 'start failed at listening: binding took too long',
    });
    expect(sockets.live).toBe(0);
    expect(world.clock.pending).toBe(0);

    const started = a.server.start();
    await world.settle();
    sockets.report({ type: 'socket.bound', address: HERE });
    await started;
    expect(a.server.self.address).toEqual(HERE);

    expect(await world.stop(a)).toBeLessThanOrEqual(STOP_MS); // it never reports that it is closed
    expect(sockets.commands).toEqual([{ type: 'close' }]);
    await world.end();
  });

  test('with a listening adapter that throws fails', async () => {
    const world = new World();
    const a = world.add(1, { ports: { listener: brokenActor() } });
    await expect(a.server.start()).rejects.toMatchObject({
      code: 'startFailed',
      message: 'start failed at listening: the listening adapter broke',
    });
    await world.end();
  });

  test('with a key that never answers fails in time', async () => {
    const world = new World();
    const a = world.add(1, { nodeKey: { ...keyOf(1), ecdh: () => new Promise(() => {}) } });
    const failed = a.server.start().catch((error: unknown) => error);
    await world.advance(LOCAL_NODE_TIMEOUT_MS);
    expect(await failed).toMatchObject({
      code: 'startFailed',
      message: 'start failed at localNode: the key was not ready in time',
    });
    await world.end();
  });
});

describe('stop()', () => {
  test('sends one Disconnect to each of 49 handshakes that wait for Hello', async () => {
    let helloEnds = Number.POSITIVE_INFINITY;
    const network = new MemoryNetwork(({ cut }) => cut('stall', helloEnds - 1, 'aToB'));
    const world = new World(network);
    const hub = world.add(1, { protocols: [echo()] });
    const callers = Array.from({ length: 50 }, (_, i) =>
      world.add(2 + i, { protocols: [echo()], ports: { random: seededRandom('all alike') } }),
    );
    await world.start(hub, ...callers);
    for (const { server } of callers) {
      server.addPeer(hub.enode);
      await world.settle();
      helloEnds = network.connections[0]!.delivered.aToB; // of the one that gets through
    }
    expect([hub.server.peers.length, slotsInUse(hub.server)]).toEqual([1, 49]);

    expect(await world.stop(hub)).toBe(FAREWELL_MS);

    expect(storyOf(hub).filter((word) => word === 'ended rejected.serverStopped')).toHaveLength(49);
    await world.end();
  });

  test('sends Disconnect to a peer that does not read, and closes', async () => {
    const { world, a, b } = await meet();
    const { cut, delivered } = world.network.connections[0]!;
    cut('stall', delivered.aToB, 'aToB');
    await world.settle();

    expect(await world.stop(a, b)).toBe(FAREWELL_MS);
    expect([storyOf(a), storyOf(b)]).toEqual([
      ['add', 'drop ending.rejected.clientQuitting'],
      ['add', 'drop ending.rejected.clientQuitting'],
    ]);
    await world.end();
  });

  test('cancels dials without an answer', async () => {
    const world = new World();
    const a = world.add(1);
    world.network.silence({ host: '192.0.2.1', port: 30_002 });
    await world.start(a);
    a.server.addPeer(enodeOf(2));
    await world.settle();

    expect(await world.stop(a)).toBe(0);
    expect(storyOf(a)).toEqual(['dialFailed cancelled']);
    await world.end();
  });

  test('ends a pending removePeer()', async () => {
    const { world, a, b } = await meet();
    const { cut, delivered } = world.network.connections[0]!;
    cut('stall', delivered.aToB, 'aToB');
    await world.settle();

    const removed = a.server.removePeer(b.enode).then(() => 'removed');
    await world.stop(a);
    expect(await removed).toBe('removed');
    await world.end();
  });
});

describe('a running server', () => {
  test('quirk 9: that loses its listener reports it, keeps its peers and listens again', async () => {
    const { world, a, b } = await meet();
    const address = b.server.self.address!;
    const knock = world.network.connect(address)!;
    await world.settle();
    world.network.report(address, fatal);
    await world.settle();

    expect(b.log.at(-1)).toEqual({
      type: 'lost',
      part: 'listener',
      message: 'EIO',
      retryInMs: 1_000,
    });
    expect(b.server.self.address).toBeNull();
    expect(world.network.connect(address)).toBeNull();
    expect([a.server.peers.length, b.server.peers.length]).toEqual([1, 1]);
    expect(slotsInUse(b.server)).toBe(1);

    await world.advance(1_000);
    expect(b.log.at(-1)).toEqual({ type: 'restored', part: 'listener', address });
    expect(b.server.self.address).toEqual(address);
    expect(slotsInUse(b.server)).toBe(1);
    knock.a.destroy();
    await world.settle();
    expect(storyOf(b).at(-1)).toBe('ended failed.connectionClosed');
    expect(slotsInUse(b.server)).toBe(0);
    const next = world.network.connect(address)!;
    expect(slotsInUse(b.server)).toBe(1);
    next.a.destroy();
    await world.end();
  });

  test('quirk 9: that has lost its listener can be stopped, and waits for its handshakes', async () => {
    const { world, a, b } = await meet();
    const address = b.server.self.address!;
    world.network.connect(address)!.a.duplex.resume();
    await world.settle();
    world.network.report(address, fatal);
    await world.settle();
    expect(await world.stop(b)).toBe(0);
    expect(storyOf(b)).toEqual([
      'add',
      'lost',
      'ended failed.aborted',
      'drop ending.rejected.clientQuitting',
    ]);
    await world.stop(a);
    expect(world.network.connect(address)).toBeNull();
    await world.end();
  });

  test('whose accept fails temporarily turns callers away for 200 ms', async () => {
    const world = new World();
    const a = world.add(1);
    await world.start(a);
    const temporary = { type: 'accept.failed', temporary: true, message: 'EMFILE' } as const;
    world.network.report(HERE, temporary);

    const early = world.network.connect(HERE)!;
    expect(early.b.duplex.destroyed).toBe(true);
    await world.advance(ACCEPT_PAUSE_MS);
    const late = world.network.connect(HERE)!;
    expect(late.b.duplex.destroyed).toBe(false);
    expect(slotsInUse(a.server)).toBe(1);
    for (const { a: theirs } of [early, late]) theirs.destroy();
    await world.end();
  });

  test('whose dialer throws reports a dial that failed', async () => {
    const world = new World();
    const a = world.add(1, { ports: { dialer: brokenActor() }, staticNodes: [enodeOf(2)] });
    await world.start(a);
    expect(storyOf(a)).toEqual(['dialFailed connectFailed']);
    await world.end();
  });

  test('waits 15 s for a connect, and destroys a later socket', async () => {
    const dials = new FakeActor<EventObject, DialerEvent, Endpoint>();
    const world = new World();
    const a = world.add(1, { ports: { dialer: dials.logic }, staticNodes: [enodeOf(2)] });
    await world.start(a);
    expect(dials.inputs).toEqual([{ host: '192.0.2.1', port: 30_002 }]);

    await world.advance(CONNECT_TIMEOUT_MS - 1);
    expect(storyOf(a)).toEqual([]);
    await world.advance(1);
    expect(storyOf(a)).toEqual(['dialFailed connectTimeout']);
    expect(dials.live).toBe(0);
    await world.end();
  });

  test('whose inspector throws runs on without it', async () => {
    let calls = 0;
    const inspect = () => {
      calls += 1;
      throw new Error('seen too much');
    };
    const { world, a } = await meet({ a: { inspect } });
    expect(a.server.peers).toHaveLength(1);
    expect(calls).toBe(1);
    expect(world.faults.splice(0)).toEqual(['the inspector: seen too much']);
    await world.end();
  });
});
