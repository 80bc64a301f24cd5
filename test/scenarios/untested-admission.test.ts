/** Admission scenarios without a test in go-ethereum, with the bytes that each remote receives. */
import { describe, expect, test } from 'vitest';
import { DEFAULTS, type ServerOptions } from '../../src/api/options.ts';
import { DISCONNECT, HELLO } from '../../src/io/wire/base-message.ts';
import { type DisconnectReason, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { CROSSED_DIAL_HOLD_MS } from '../../src/machines/connection/crossed-dials.ts';
import { echo } from '../../src/protocols/echo.ts';
import { GatedNetwork } from '../support/gated-network.ts';
import { call, codesOf, disconnectOf, helloOf, host, join } from '../support/raw-peer-in-world.ts';
import { enodeOf, keyOf, type Member, storyOf, World } from '../support/world.ts';

const plain = (reason: DisconnectReason) => encodeDisconnect(reason);
const packed = (reason: DisconnectReason) => compress(encodeDisconnect(reason));

/** One place, open to inbound connections. */
const ONE_PLACE = { maxPeers: 1, noDial: true };

describe('MaxPeers 1 and the rest of the table: the limits that go-ethereum derives', () => {
  type Row = Required<Pick<ServerOptions, 'maxPeers' | 'dialRatio' | 'noDial'>>;
  const rows: [Row, maxDialed: number, maxInbound: number][] = [
    [{ maxPeers: 0, dialRatio: 3, noDial: false }, 0, 0],
    [{ maxPeers: 1, dialRatio: 3, noDial: false }, 1, 0],
    [{ maxPeers: 2, dialRatio: 3, noDial: false }, 1, 1],
    [{ maxPeers: 10, dialRatio: 3, noDial: false }, 3, 7],
    [{ maxPeers: 10, dialRatio: 1, noDial: false }, 10, 0],
    [{ maxPeers: 10, dialRatio: 2, noDial: false }, 5, 5],
    [{ maxPeers: 25, dialRatio: 3, noDial: false }, 8, 17],
    [{ maxPeers: 50, dialRatio: 3, noDial: false }, 16, 34],
    [{ maxPeers: 50, dialRatio: 100, noDial: false }, 1, 49],
    [{ maxPeers: 10, dialRatio: 3, noDial: true }, 0, 10],
  ];

  test.for(rows)('%o: %i dialled, %i inbound', async ([limits, maxDialed, maxInbound]) => {
    const silent = seedsFrom(100, 40);
    const { world, hub } = await hubOf({ ...limits, staticNodes: silent.map(enodeOf) }, silent);
    // two dials for each place
    expect(world.network.dials).toBe(Math.min(2 * maxDialed, DEFAULTS.maxPendingPeers));

    for (const seed of seedsFrom(2, maxInbound)) await join(world, hub, seed);
    const late = await call(world, hub, 90);
    expect(disconnectOf(late)).toEqual(plain('tooManyPeers'));
    expect(hub.server.peerCount).toBe(maxInbound);
    await world.end();
  });

  test('quirk 21: a server with one place keeps it for its dials', async () => {
    const { world, hub } = await hubOf({ maxPeers: 1, trustedNodes: [enodeOf(4)] });
    expect(disconnectOf(await call(world, hub, 2))).toEqual(plain('tooManyPeers'));

    const { guests } = host(world, 3);
    hub.server.addPeer(enodeOf(3));
    await world.settle();
    guests[0]!.sendHello(helloOf(3));
    await world.settle();
    await join(world, hub, 4);
    expect(hub.server.peers.map(({ id, direction }) => [id, direction])).toEqual([
      [keyOf(3).id, 'static'],
      [keyOf(4).id, 'inbound'],
    ]);
    await world.end();
  });
});

test('capacity is answered before self and before a duplicate', async () => {
  const { world, hub } = await hubOf(ONE_PLACE);
  await join(world, hub, 2);
  expect(disconnectOf(await call(world, hub, 1))).toEqual(plain('tooManyPeers'));
  expect(disconnectOf(await call(world, hub, 2))).toEqual(plain('tooManyPeers'));

  const roomy = world.add(5, { protocols: [echo()] });
  await world.start(roomy);
  await join(world, roomy, 2);
  expect(disconnectOf(await call(world, roomy, 5))).toEqual(plain('self'));
  expect(disconnectOf(await call(world, roomy, 2))).toEqual(plain('alreadyConnected'));
  await world.end();
});

describe('quirk 10: a trust change between the two checkpoints', () => {
  test('admits a node beyond the limit', async () => {
    const { world, hub } = await hubOf(ONE_PLACE);
    const between = await call(world, hub, 2);
    await join(world, hub, 3); // takes the place
    hub.server.addTrustedPeer(enodeOf(2));
    between.sendHello(helloOf(2));
    await world.settle();
    expect(hub.server.peers.map(({ id, trusted }) => [id, trusted])).toEqual([
      [keyOf(3).id, false],
      [keyOf(2).id, true],
    ]);
    await world.end();
  });

  test('rejects a node that passed the first one by trust only', async () => {
    const { world, hub } = await hubOf({ ...ONE_PLACE, trustedNodes: [enodeOf(2)] });
    await join(world, hub, 3);
    const between = await call(world, hub, 2);
    hub.server.removeTrustedPeer(enodeOf(2));
    between.sendHello(helloOf(2));
    await world.settle();
    expect(disconnectOf(between)).toEqual(packed('tooManyPeers'));
    expect(storyOf(hub)).toEqual(['add', 'ended rejected.tooManyPeers']);
    await world.end();
  });
});

test('two inbound connections of one id: the first Hello is the peer, the other is rejected and may connect later', async () => {
  const { world, hub } = await hubOf();
  const [first, second] = [await call(world, hub, 2), await call(world, hub, 2)];
  expect([codesOf(first), codesOf(second)]).toEqual([[HELLO], [HELLO]]); // neither knows of the other

  second.sendHello(helloOf(2));
  first.sendHello(helloOf(2));
  await world.settle();
  expect(codesOf(second)).toEqual([HELLO]);
  expect(disconnectOf(first)).toEqual(packed('alreadyConnected'));
  expect(hub.server.peerCount).toBe(1);

  second.stream.duplex.destroy();
  await world.settle();
  expect(codesOf(await join(world, hub, 2))).toEqual([HELLO]);
  expect(storyOf(hub)).toEqual([
    'add',
    'ended rejected.alreadyConnected',
    'drop ending.failed.connectionClosed',
    'add',
  ]);
  await world.end();
});

describe('compressed or plain: a Disconnect', () => {
  test('at the first checkpoint is plain, and the very first message', async () => {
    const { world, hub } = await hubOf({ maxPeers: 0 });
    const guest = await call(world, hub, 2);
    expect(guest.unreadFrames).toMatchObject([
      { code: DISCONNECT, payload: plain('tooManyPeers') },
    ]);
    await world.end();
  });

  for (const [version, spoken] of [
    [5, packed],
    [4, plain],
  ] as const) {
    test(`at the second one, to a remote of version ${version}`, async () => {
      const { world, hub } = await hubOf();
      const guest = await join(world, hub, 2, { version, capabilities: [] });
      expect(disconnectOf(guest)).toEqual(spoken('uselessPeer'));
      await world.end();
    });

    test(`to a peer of version ${version}`, async () => {
      const { world, hub } = await hubOf();
      const guest = await join(world, hub, 2, { version });
      hub.server.peers[0]!.disconnect('requested');
      await world.settle();
      expect(disconnectOf(guest)).toEqual(spoken('requested'));
      await world.end();
    });
  }
});

test('cross-dial: one session is left where "first come, first served" leaves none', async () => {
  const network = new GatedNetwork();
  const world = new World(network);
  const [a, b] = [1, 2].map((seed) => world.add(seed, { protocols: [echo()] })) as [Member, Member];
  await world.start(a, b);
  a.server.addPeer(b.enode);
  b.server.addPeer(a.enode);
  await world.settle();
  for (const step of ['connect', 'auth', 'ack', 'helloIn', 'helloOut', 'open'] as const) {
    for (const port of [30_001, 30_002]) network.take(step, port);
    await world.settle();
  }
  await world.advance(2 * CROSSED_DIAL_HOLD_MS, 100);
  expect([a, b].map(directionsOf).toSorted()).toEqual([['inbound'], ['static']]);
  await world.end();
});

const directionsOf = ({ server }: Member) => server.peers.map(({ direction }) => direction);

async function hubOf(options: Partial<ServerOptions> = {}, silent: readonly number[] = []) {
  const world = new World();
  for (const seed of silent) world.network.silence({ host: '192.0.2.1', port: 30_000 + seed });
  const hub = world.add(1, { protocols: [echo()], ...options });
  await world.start(hub);
  await world.settle();
  return { world, hub };
}

const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);
