/** Lifecycle scenarios without a test in go-ethereum: starting, stopping and failures meanwhile. */
import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import { MAX_BUFFERED_EVENTS } from '../../src/api/event-feed.ts';
import type { ServerOptions } from '../../src/api/options.ts';
import type { DialerEvent } from '../../src/io/adapters/tcp-dialer.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import { DISCONNECT, PING } from '../../src/io/wire/base-message.ts';
import { encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../../src/machines/connection/connection-setup.ts';
import { REDIAL_DELAY_MS } from '../../src/machines/dialing/dial-scheduler.ts';
import { TURNED_AWAY_REPORT_MS, type TurnedAway } from '../../src/machines/listening/listener.ts';
import { LOCAL_NODE_TIMEOUT_MS } from '../../src/machines/server/server-setup.ts';
import { echo } from '../../src/protocols/echo.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { hex } from '../support/crypto.ts';
import { type MemoryPair, memoryPair } from '../support/memory-stream.ts';
import {
  call,
  codesOf,
  connectOnly,
  disconnectOf,
  helloOf,
  host,
  join,
} from '../support/raw-peer-in-world.ts';
import { enodeOf, keyOf, meet, slotsInUse, storyOf, World } from '../support/world.ts';

const HERE: Endpoint = { host: '192.0.2.1', port: 30_001 };

describe('quirk 1: a start that fails at any step is undone, and may be stopped and repeated', () => {
  type Fault = (world: World) => {
    readonly options?: Partial<ServerOptions>;
    /** Makes the next start a good one. */
    readonly mend: () => void;
  };
  const brokenKey = (ecdh: () => Promise<never>): Fault => {
    return () => {
      const key = keyOf(1);
      let isBroken = true;
      const mend = () => {
        isBroken = false;
      };
      const nodeKey = {
        ...key,
        ecdh: (point) => (isBroken ? ecdh() : key.ecdh(point)),
      } as typeof key;
      return { options: { nodeKey }, mend };
    };
  };
  const faults: [what: string, step: string, Fault][] = [
    ['a key that does not work', 'localNode', brokenKey(() => Promise.reject(new Error('no')))],
    ['a key that never answers', 'localNode', brokenKey(() => new Promise(() => {}))],
    [
      'an address that is taken',
      'listening',
      ({ network }) => {
        network.attach(HERE, () => {});
        return { mend: () => network.detach(HERE) };
      },
    ],
  ];

  test.for(faults)('%s', async ([, step, fault]) => {
    const world = new World();
    const { options, mend } = fault(world);
    const a = world.add(1, options);
    for (const _ of ['once', 'and again']) {
      const failed = a.server.start().catch((error: unknown) => error);
      await world.advance(LOCAL_NODE_TIMEOUT_MS);
      expect(await failed).toMatchObject({
        code: 'startFailed',
        message: expect.stringContaining(`start failed at ${step}`),
      });
      expect([world.clock.pending, world.liveActors()]).toEqual([0, ['server']]);
      expect(a.server.self.address).toBeNull();
    }
    mend();
    await world.start(a);
    await join(world, a, 2);
    expect(a.server.peerCount).toBe(1);
    await world.end();
  });
});

describe('quirk 6: restart refusal', () => {
  test('while it stops and afterwards; a new server may use its key and its address', async () => {
    const { world, a, b } = await meet();
    world.network.connections[0]!.cut('stall', 0, 'aToB'); // so that stopping takes its time
    const stopped = world.stop(a, b);
    await expect(a.server.start()).rejects.toMatchObject({ code: 'stopped' });
    await stopped;
    await expect(a.server.start()).rejects.toMatchObject({ code: 'stopped' });
    expect(() => a.server.addPeer(b.enode)).toThrow('not running');
    expect(world.liveActors()).toEqual([]);

    const again = world.add(1, { protocols: [echo()] });
    await world.start(again);
    await join(world, again, 3);
    expect([a.server.peerCount, again.server.peerCount]).toEqual([0, 1]);
    await world.end();
  });
});

describe('stop with pending handshakes', () => {
  test('quirk 7: aborts them at once', async () => {
    const { world, hub } = await hubOf();
    const callers = [connectOnly(world, hub, 2), connectOnly(world, hub, 3)];
    callers[1]!.write(Uint8Array.of(1, 190)); // the beginning of an auth
    const { guests } = silentHost(world, 4);
    hub.server.addPeer(enodeOf(4));
    await world.settle();
    expect(guests).toHaveLength(1);

    expect(await world.stop(hub)).toBe(0);
    expect(storyOf(hub).toSorted()).toEqual([
      'dialFailed setupFailed',
      ...Array.from({ length: 3 }, () => 'ended failed.aborted'),
    ]);
    await world.settle();
    for (const { received } of callers) expect(received).toEqual({ bytes: 0, isEnded: true });
    await world.end();
  });

  test('quirk 28: sends 0x08 on connections that have a session', async () => {
    const { world, hub } = await hubOf();
    const caller = await call(world, hub, 2);
    const { guests } = host(world, 3);
    hub.server.addPeer(enodeOf(3));
    await world.settle();

    expect(await world.stop(hub)).toBe(0);
    for (const guest of [caller, guests[0]!])
      expect(disconnectOf(guest)).toEqual(encodeDisconnect('clientQuitting'));
    expect(storyOf(hub).filter((word) => word === 'ended rejected.serverStopped')).toHaveLength(2);
    await world.end();
  });
});

test('wrong-order events while it stops and after stop are ignored, and delay nothing', async () => {
  const dials = new FakeActor<EventObject, DialerEvent, Endpoint>();
  const { world, hub } = await hubOf({ ports: { dialer: dials.logic } });
  const peer = await join(world, hub, 2);
  world.network.connections[0]!.cut('stall', 0, 'aToB'); // so that stopping takes its time
  hub.server.addPeer(enodeOf(3));
  await world.settle();
  expect(dials.live).toBe(1);
  const late: MemoryPair[] = [];
  const comeLate = async (): Promise<void> => {
    const [called, dialled] = [memoryPair(), memoryPair()];
    late.push(called);
    world.network.report(HERE, { type: 'socket.accepted', stream: called.b });
    world.network.report(HERE, { type: 'accept.failed', temporary: false, message: 'EIO' });
    world.network.report(HERE, { type: 'socket.closed' });
    world.network.report(HERE, { type: 'socket.closed' });
    dials.report({ type: 'socket.connected', stream: dialled.a });
    peer.sendCompressed(PING, hex('c0'));
    peer.sendCompressed(DISCONNECT, encodeDisconnect('requested'));
    await world.settle();
  };

  const stopped = world.stop(hub);
  await comeLate();
  expect(await stopped).toBe(FAREWELL_MS);
  await comeLate();
  await world.advance(60_000, 60_000);

  expect(storyOf(hub)).toEqual([
    'add',
    'dialFailed cancelled',
    'drop ending.rejected.clientQuitting',
  ]);
  expect([dials.live, world.liveActors(), world.clock.pending]).toEqual([0, [], 0]);
  expect(late.map(({ b }) => b.duplex.destroyed)).toEqual([true, false]); // the second one reached no listener
  peer.stream.duplex.destroy();
  await world.end();
});

test('listener failure: it is reported, and everything else runs on', async () => {
  const { world, hub } = await hubOf();
  const peer = await join(world, hub, 2);
  world.network.report(HERE, { type: 'accept.failed', temporary: false, message: 'EIO' });
  await world.settle();
  expect(hub.log.filter(({ type }) => type === 'lost')).toEqual([
    { type: 'lost', part: 'listener', message: 'EIO', retryInMs: 1_000 },
  ]);

  peer.sendCompressed(0x10, hex('83616263'));
  const { guests } = host(world, 3);
  hub.server.addPeer(enodeOf(3));
  await world.settle();
  guests[0]!.sendHello(helloOf(3));
  await world.settle();
  expect(codesOf(peer).at(-1)).toBe(0x11); // the echo
  expect(hub.server.peers.map(({ direction }) => direction)).toEqual(['inbound', 'static']);
  await world.stop(hub);
  expect([world.clock.pending, world.faults]).toEqual([0, []]);
});

test('slot exhaustion: 50 stalled handshakes block inbound connections for 5 s, and no dials', async () => {
  const { world, hub } = await hubOf();
  const refused: TurnedAway[] = [];
  hub.server.on('turnedAway', (event) => void refused.push(event));
  for (let i = 0; i < 50; i += 1) connectOnly(world, hub, 2);
  const newcomer = connectOnly(world, hub, 3);
  await world.settle();
  expect(slotsInUse(hub.server)).toBe(50);
  expect(newcomer.received).toEqual({ bytes: 0, isEnded: true });

  const { guests } = host(world, 4);
  hub.server.addPeer(enodeOf(4));
  await world.settle();
  guests[0]!.sendHello(helloOf(4));
  await world.advance(TURNED_AWAY_REPORT_MS);
  expect(hub.server.peerCount).toBe(1);
  expect(refused).toMatchObject([{ counts: { noSlot: 1 } }]);

  await world.advance(ENC_HANDSHAKE_TIMEOUT_MS - TURNED_AWAY_REPORT_MS);
  expect(slotsInUse(hub.server)).toBe(0);
  await join(world, hub, 3);
  expect(hub.server.peerCount).toBe(2);
  await world.end();
});

test('DNS change: a static node is looked up before each attempt, and dialled at its new address', async () => {
  const resolver = new FakeActor<EventObject, { type: string; address: string }, string>();
  const { world, hub } = await hubOf({ ports: { resolver: resolver.logic } });
  const { guests } = host(world, 2);
  const url = formatEnode({ ...parseEnode(enodeOf(2)), host: 'node.example', hostKind: 'name' });
  hub.server.addPeer(url);
  await world.settle();
  resolver.report({ type: 'host.found', address: '192.0.2.77' }); // nothing listens there
  await world.settle();
  expect(hub.log).toMatchObject([
    {
      type: 'dialFailed',
      state: 'connectionRefused',
      address: { host: '192.0.2.77', port: 30_002 },
    },
  ]);

  await world.advance(REDIAL_DELAY_MS);
  resolver.report({ type: 'host.found', address: '192.0.2.1' });
  await world.settle();
  guests[0]!.sendHello(helloOf(2));
  await world.settle();
  expect(resolver.inputs).toEqual(['node.example', 'node.example']);
  expect(hub.server.peers).toMatchObject([{ remote: { host: '192.0.2.1', port: 30_002 } }]);
  await world.end();
});

test('slow event subscriber: an iterator that is not read is bounded, counted and delays nothing', async () => {
  const { world, hub } = await hubOf();
  const events = hub.server.events();
  for (let seed = 100; seed < 130; seed += 1) hub.server.addPeer(enodeOf(seed)); // nothing listens
  const rounds = Math.ceil(MAX_BUFFERED_EVENTS / 30) + 1;
  for (let round = 0; round < rounds; round += 1) {
    await world.settle();
    world.clock.advance(REDIAL_DELAY_MS);
  }
  await world.settle();
  expect(hub.log.length).toBeGreaterThan(MAX_BUFFERED_EVENTS);
  expect(events.dropped).toBe(hub.log.length - MAX_BUFFERED_EVENTS);

  const peer = await join(world, hub, 2);
  peer.sendCompressed(0x10, hex('83616263'));
  await world.settle();
  expect(codesOf(peer).at(-1)).toBe(0x11);
  expect(hub.log.at(-1)).toMatchObject({ type: 'add' });
  expect(await world.stop(hub)).toBe(0);
  const taken = [];
  for await (const event of events) taken.push(event);
  expect(taken).toEqual(hub.log.slice(-MAX_BUFFERED_EVENTS));
  await world.end();
});

async function hubOf(options: Partial<ServerOptions> = {}) {
  const world = new World();
  const hub = world.add(1, { protocols: [echo()], ...options });
  await world.start(hub);
  return { world, hub };
}

/** Accepts connections and sends nothing. */
function silentHost({ network }: World, seed: number) {
  const guests: unknown[] = [];
  network.attach({ host: '192.0.2.1', port: 30_000 + seed }, (stream) => {
    stream.duplex.resume();
    guests.push(stream);
  });
  return { guests };
}
