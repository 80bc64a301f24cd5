/** What a caller of the server gets, over loopback TCP. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../src/api/options.ts';
import { ServerError, type ServerErrorCode } from '../src/api/server-error.ts';
import { parseEnode } from '../src/io/crypto/enode.ts';
import { createNodeKey, generateNodeKey } from '../src/io/crypto/node-key.ts';
import { echo } from '../src/protocols/echo.ts';
import { Server } from '../src/server.ts';
import { chosenPrimitives } from './support/crypto.ts';
import { StepClock } from './support/step-clock.ts';
import { watch } from './support/watch.ts';
import { enodeOf } from './support/world.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const STRANGER = enodeOf(9);

/** A server whose listening address is in use by another socket. */
async function onUsedPort() {
  const other = createServer().listen(ANY_PORT);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const free = async () => {
    other.close();
    await once(other, 'close');
  };
  return { server: make({ listen: { host: '127.0.0.1', port } }), free };
}

const make = (options: Partial<ServerOptions> = {}): Server =>
  new Server({ nodeKey: generateNodeKey(), listen: ANY_PORT, protocols: [echo()], ...options });

test('calls the hooks of protocols when it runs, and when it has stopped', async () => {
  const log: string[] = [];
  const hooks = {
    onServerStart: () => log.push(server.peerCount === 0 ? 'started' : ''),
    onServerStop: () => log.push('stopped'),
  };
  const server = make({ protocols: [{ ...echo(), ...hooks }] });
  await server.start();
  expect(log).toEqual(['started']);
  await server.stop();
  expect(log).toEqual(['started', 'stopped']);
});

describe('every method in every state', () => {
  type State = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped';
  /** Brings a new server there; what it is still busy with comes back. */
  const reach: Record<State, (server: Server) => Promise<{ busy: Promise<unknown> }>> = {
    idle: async () => ({ busy: Promise.resolve() }),
    starting: async (server) => ({ busy: server.start().catch((error) => error) }),
    running: async (server) => ({ busy: server.start().then(() => {}) }),
    stopping: async (server) => {
      await server.start();
      return { busy: server.stop() };
    },
    stopped: async (server) => {
      await server.start();
      return { busy: server.stop() };
    },
  };
  type Answer = 'works' | ServerErrorCode;
  const table: [State, start: Answer, wishes: Answer][] = [
    ['idle', 'works', 'notRunning'],
    ['starting', 'alreadyRunning', 'notRunning'],
    ['running', 'alreadyRunning', 'works'],
    ['stopping', 'stopped', 'notRunning'],
    ['stopped', 'stopped', 'notRunning'],
  ];

  test.for(table)('%s: start %s, requests %s', async ([state, start, wishes]) => {
    const server = make();
    const { busy } = await reach[state](server);
    if (state === 'running' || state === 'stopped') await busy;
    const value = server.actor.getSnapshot().value;
    expect(JSON.stringify(value)).toContain(state);

    expect(await answerOf(() => server.addPeer(STRANGER))).toBe(wishes);
    expect(await answerOf(() => server.removePeer(STRANGER))).toBe(wishes);
    expect(await answerOf(() => server.addTrustedPeer(STRANGER))).toBe(wishes);
    expect(await answerOf(() => server.removeTrustedPeer(STRANGER))).toBe(wishes);
    expect(await answerOf(() => server.withPeers(() => {}))).toBe(wishes);
    expect([server.peers, server.peerCount, server.peersInfo()]).toEqual([[], 0, []]);
    expect(server.nodeInfo()).toMatchObject({ id: server.self.id, enode: server.self.enode });
    expect(server.self.id).toHaveLength(64);
    expect(parseEnode(server.self.enode).id).toBe(server.self.id);
    const off = server.on('add', () => {});
    off();
    const events = server.events();
    expect(await answerOf(() => server.start())).toBe(start);
    expect(await answerOf(() => server.stop())).toBe('works');
    expect(await answerOf(() => server[Symbol.asyncDispose]())).toBe('works');
    await busy;
    expect(server.actor.getSnapshot().status).toBe('done');
    if (state !== 'stopped') expect(await nextOf(events)).toBe('over');
  });

  test('the address is known from start to stop, and only then', async () => {
    const server = make();
    expect(server.self.address).toBeNull();
    await server.start();
    expect(server.self.address).toMatchObject({ host: '127.0.0.1' });
    await server.stop();
    expect(server.self.address).toBeNull();
  });

  test('E18: stop() of a server that never ran stops it for good', async () => {
    const metrics = new Registry();
    const server = make({ metrics });
    const events = server.events();
    await server.stop();
    expect(server.actor.getSnapshot().value).toBe('stopped');
    expect(await nextOf(events)).toBe('over');
    expect(await nextOf(server.events())).toBe('over');
    await expect(server.start()).rejects.toMatchObject({ code: 'stopped' });
    await expect(server.attach(() => ({ [Symbol.asyncDispose]: async () => {} }))).rejects.toThrow(
      ServerError,
    );
    await make({ metrics }).stop(); // the registry is free again
    await server.stop();
  });

  test('E18: stop() after a start that failed stops it for good', async () => {
    const { server, free } = await onUsedPort();
    await expect(server.start()).rejects.toMatchObject({ code: 'startFailed' });
    await server.stop();
    expect(server.actor.getSnapshot().value).toBe('stopped');
    await expect(server.start()).rejects.toMatchObject({ code: 'stopped' });
    await free();
  });

  test('stopped: event iterators end at once', async () => {
    const server = make();
    await server.start();
    await server.stop();
    expect(await nextOf(server.events())).toBe('over');
  });
});

describe('start', () => {
  test('rejects with stopped when it is stopped meanwhile', async () => {
    const server = make();
    const started = server.start();
    await server.stop();
    await expect(started).rejects.toMatchObject({ name: 'ServerError', code: 'stopped' });
    expect(server.actor.getSnapshot().value).toBe('stopped');
  });

  test('on a port in use fails, and works once the port is free', async () => {
    const squatter = createServer().listen(ANY_PORT);
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const server = make({ listen: { host: '127.0.0.1', port } });

    for (const _ of ['once', 'twice']) {
      const failure: unknown = await server.start().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ServerError);
      expect(failure).toMatchObject({
        code: 'startFailed',
        message: expect.stringMatching(/^start failed at listening: .*EADDRINUSE/),
      });
      expect(server.actor.getSnapshot().value).toBe('idle');
      expect(server.self.address).toBeNull();
      expect(() => server.addPeer(STRANGER)).toThrow(ServerError);
    }

    squatter.close();
    await once(squatter, 'close');
    await server.start();
    expect(server.self.address).toEqual({ host: '127.0.0.1', port });
    await server.stop();
  });

  test('with a key that does not work fails, and works once it does', async () => {
    const key = createNodeKey(new Uint8Array(32).fill(1));
    let isBroken = true;
    const server = make({
      nodeKey: {
        ...key,
        ecdh: (point) => (isBroken ? Promise.reject(new Error('no device')) : key.ecdh(point)),
      },
    });
    await expect(server.start()).rejects.toMatchObject({
      code: 'startFailed',
      message: 'start failed at localNode: Error: no device',
    });
    isBroken = false;
    await server.start();
    await server.stop();
  });

  test('without a listening address works, and nothing can connect', async () => {
    await using server = make({ listen: null });
    await server.start();
    expect(server.self).toMatchObject({ address: null, enode: expect.stringMatching(/:0$/) });
  });
});

describe('stop', () => {
  test('called several times at once is one stop', async () => {
    const server = make();
    await server.start();
    await Promise.all([server.stop(), server.stop(), server[Symbol.asyncDispose]()]);
    await server.stop();
    expect(server.actor.getSnapshot().value).toBe('stopped');
  });

  test('runs at the end of `await using`', async () => {
    let seen: Server;
    {
      await using server = make();
      seen = server;
      await server.start();
    }
    expect(seen.actor.getSnapshot().value).toBe('stopped');
  });

  test('does not wait for 50 silent callers, and frees the port', async () => {
    const clock = new StepClock(); // nothing here may need time to pass
    const server = make({ ports: { clock }, maxPendingPeers: 50 });
    await server.start();
    const { address } = server.self;
    const ended = watch(server);
    const callers = Array.from({ length: 50 }, () => connect(address!));
    await Promise.all(callers.map((caller) => once(caller, 'connect')));
    await accepted(server, 50);

    const closed = callers.map((caller) => once(caller.resume(), 'close'));
    await server.stop();
    await Promise.all(closed);

    for (const _ of callers)
      expect(await ended.next('ended')).toMatchObject({ state: 'failed.aborted' });
    expect(clock.pending).toBe(0);
    const again = createServer().listen(address!);
    await once(again, 'listening');
    again.close();
  });
});

describe('self', () => {
  test('is the enode at which others reach us', async () => {
    await using server = make();
    await server.start();
    const { id, enode, address } = server.self;
    expect(address!.port).toBeGreaterThan(0);
    expect(parseEnode(enode)).toMatchObject({
      id,
      host: '127.0.0.1',
      tcpPort: address!.port,
      udpPort: address!.port,
    });
  });

  test.for(['0.0.0.0', '::'])('on all addresses (%s) names one of them', async (host) => {
    await using server = make({ listen: { host, port: 0 } });
    await server.start();
    expect(server.self.address!.host).toBe(host);
    expect(parseEnode(server.self.enode).host).toBe('127.0.0.1');
  });
});

describe('requests to a running server', () => {
  test('with a wrong enode, or its own, are refused', async () => {
    await using server = make();
    await server.start();
    expect(() => server.addPeer('enode://')).toThrow(TypeError);
    await expect(server.removePeer('enode://')).rejects.toThrow(TypeError);
    expect(() => server.addTrustedPeer('enode://')).toThrow(TypeError);
    expect(() => server.removeTrustedPeer('enode://')).toThrow(TypeError);
    for (const wish of ['addPeer', 'addTrustedPeer'] as const)
      expect(() => server[wish](server.self.enode)).toThrow(
        new TypeError('this node cannot be its own peer'),
      );
    await server.removePeer(server.self.enode); // it has no such peer
    server.removeTrustedPeer(server.self.enode);
  });

  test('connect two servers over TCP, and disconnect them', async () => {
    const primitives = chosenPrimitives;
    await using a = make({ ports: { primitives } });
    await using b = make({ ports: { primitives } });
    const [atA, atB] = [watch(a), watch(b)];
    await a.start();
    await b.start();

    a.addPeer(b.self.enode);
    const { peer } = await atA.next('add');
    await atB.next('add');
    expect(peer).toMatchObject({ id: b.self.id, remote: b.self.address, direction: 'static' });
    expect([a.peers, b.peers.map(({ id }) => id)]).toEqual([[peer], [a.self.id]]);
    expect([a.peerCount, b.peerCount]).toEqual([1, 1]);
    expect([a.peersInfo()[0]!.enode, a.nodeInfo().enode]).toEqual([b.self.enode, a.self.enode]);

    await a.removePeer(b.self.enode);
    expect(a.peers).toEqual([]);
    expect(await atA.next('drop')).toMatchObject({ peer, state: 'ending.rejected.requested' });
    expect(await atB.next('drop')).toMatchObject({ state: 'ending.refused.requested' });
  });
});

/** Resolves when so many handshakes hold a slot. */
function accepted(server: Server, count: number): Promise<void> {
  const { listener } = server.actor.getSnapshot().children;
  return new Promise((resolve) => {
    const look = (): void => {
      if (listener!.getSnapshot().context.held.used === count) resolve();
    };
    listener!.subscribe(look);
    look();
  });
}

async function answerOf(call: () => unknown): Promise<'works' | ServerErrorCode> {
  try {
    await call();
    return 'works';
  } catch (error) {
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toBeInstanceOf(Error);
    return (error as ServerError).code;
  }
}

/** `waiting` when nothing came within a turn of the event loop. */
async function nextOf(events: AsyncIterator<unknown>): Promise<unknown> {
  const turn = new Promise((resolve) => setImmediate(resolve, 'waiting'));
  return Promise.race([events.next().then(({ done }) => (done ? 'over' : 'an event')), turn]);
}
