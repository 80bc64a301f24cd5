/**
 * What go-ethereum tests of a server (p2p/server_test.go), by its names, on virtual time. The names that are not here:
 * ServerAtCap and ServerPeerLimits are in trust.test.ts, ServerInboundThrottle is in turned-away.test.ts.
 */
import { describe, expect, test } from 'vitest';

import { DISCONNECT, HELLO } from '../../src/io/wire/base-message.ts';
import { encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { memoryPair } from '../support/memory-stream.ts';
import { call, codesOf, connectOnly, helloOf, host, join } from '../support/raw-peer-in-world.ts';
import { enodeOf, keyOf, type Member, meet, storyOf, World } from '../support/world.ts';

test('ServerListen: a caller becomes a peer, with its id and both addresses', async () => {
  const { world, hub } = await hubOf();
  await join(world, hub, 2);
  expect(hub.server.peers).toHaveLength(1);
  expect(hub.server.peers[0]).toMatchObject({
    id: keyOf(2).id,
    client: 'raw/2',
    direction: 'inbound',
    local: hub.server.self.address,
    remote: { host: '10.0.0.1', port: 30_301 },
  });
  expect(hub.log).toEqual([{ type: 'add', peer: hub.server.peers[0] }]);
  await world.end();
});

test('ServerDial: addPeer dials, and addTrustedPeer and removeTrustedPeer mark the peer', async () => {
  const { world, hub } = await hubOf();
  const { guests } = host(world, 2);
  hub.server.addPeer(enodeOf(2));
  await world.settle();
  guests[0]!.sendHello(helloOf(2));
  await world.settle();

  const [peer] = hub.server.peers;
  expect(peer).toMatchObject({
    id: keyOf(2).id,
    client: 'raw/2',
    direction: 'static',
    remote: { host: '192.0.2.1', port: 30_002 },
  });
  const seen = [peer!.trusted];
  hub.server.addTrustedPeer(enodeOf(2));
  seen.push(peer!.trusted, hub.server.peersInfo()[0]!.network.trusted);
  hub.server.removeTrustedPeer(enodeOf(2));
  seen.push(peer!.trusted, hub.server.peersInfo()[0]!.network.trusted);
  expect(seen).toEqual([false, true, true, false, false]);
  expect(hub.server.peers).toEqual([peer]);
  await world.end();
});

test('ServerRemovePeerDisconnect: removePeer resolves when the peer is removed, not before', async () => {
  const { world, a, b } = await meet({ b: { noDial: true } });
  let left: number | undefined;
  const removed = a.server.removePeer(b.enode).then(() => {
    left = a.server.peerCount;
  });
  expect([a.server.peerCount, left]).toEqual([1, undefined]);
  await world.settle();
  await removed;
  expect([left, b.server.peerCount]).toEqual([0, 0]);
  await world.end();
});

describe('ServerSetupConn', () => {
  test('not started: closed at once, without a byte', async () => {
    const { world, a, b } = await meet();
    const idle = world.add(3);
    expect(world.network.connect({ host: '192.0.2.1', port: 30_003 })).toBeNull();

    const { address } = b.server.self;
    world.network.connections[0]!.cut('stall', 0, 'aToB'); // so that stopping takes a while
    const stopped = b.server.stop();
    await world.settle();
    const late = memoryPair();
    world.network.report(address!, { type: 'socket.accepted', stream: late.b });
    await world.settle();
    expect(late.b.duplex.destroyed).toBe(true);
    expect(late.delivered).toEqual({ aToB: 0, bToA: 0 });

    await world.advance(FAREWELL_MS);
    await stopped;
    expect(storyOf(b)).toEqual(['add', 'drop ending.rejected.clientQuitting']);
    await world.stop(a, idle);
    await world.end();
  });

  const asked = 'postHandshakeCheckpoint';
  const inbound = [
    'encHandshake.awaitingAuth',
    'encHandshake.awaitingTurn',
    'encHandshake.sendingAck',
    asked,
  ];
  const dialled = ['encHandshake.sendingAuth', 'encHandshake.awaitingAck', asked];

  test('the enc handshake fails: nothing is sent', async () => {
    const { world, hub } = await hubOf();
    const guest = connectOnly(world, hub, 2);
    await world.settle();
    guest.stream.duplex.destroy();
    await world.settle();
    expectEnded(hub, 'failed.connectionClosed', ['encHandshake.awaitingAuth']);
    expect(guest.received.bytes).toBe(0);
    await world.end();
  });

  test('another identity: 0x09, after the Hello of both', async () => {
    const { world, hub, guest } = await dialling();
    guest.sendHello(helloOf(3));
    await world.advance(FAREWELL_MS);
    expectEnded(hub, 'rejected.unexpectedIdentity', [...dialled, 'protoHandshake']);
    expect(guest.unreadFrames).toMatchObject([
      { code: HELLO },
      { code: DISCONNECT, payload: compress(encodeDisconnect('unexpectedIdentity')) },
    ]);
    await world.end();
  });

  test('their reason in place of Hello: it is reported, not echoed', async () => {
    const { world, hub, guest } = await dialling();
    guest.send(DISCONNECT, encodeDisconnect('tooManyPeers'));
    await world.advance(FAREWELL_MS);
    expectEnded(hub, 'refused.tooManyPeers', [...dialled, 'protoHandshake']);
    expect(codesOf(guest)).toEqual([HELLO]);
    await world.end();
  });

  test('ourselves: 0x0a, before any Hello', async () => {
    const { world, hub } = await hubOf();
    const guest = await call(world, hub, 1);
    await world.advance(FAREWELL_MS);
    expectEnded(hub, 'rejected.self', inbound);
    expect(guest.unreadFrames).toMatchObject([
      { code: DISCONNECT, payload: encodeDisconnect('self') },
    ]);
    await world.end();
  });

  test('useless: 0x03, after the Hello of both', async () => {
    const { world, hub } = await hubOf();
    const guest = await join(world, hub, 2, { capabilities: [{ name: 'echo', version: 2 }] });
    await world.advance(FAREWELL_MS);
    expectEnded(hub, 'rejected.uselessPeer', [
      ...inbound,
      'protoHandshake',
      'addPeerCheckpoint.asking',
    ]);
    expect(guest.unreadFrames).toMatchObject([
      { code: HELLO },
      { code: DISCONNECT, payload: compress(encodeDisconnect('uselessPeer')) },
    ]);
    await world.end();
  });
});

test('ServerDiscoveryV5FailureRollsBackV4: its socket is closed again, and the address is free', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const node = world.node({
    discovery: ['v4', 'v5'],
    discv5Listen: { host: '0.0.0.0', port: 9_000 },
  });
  const other = world.udp.bind(node.host, 9_000, () => {});
  await expect(world.start(node)).rejects.toMatchObject({
    code: 'startFailed',
    message: expect.stringMatching(/^start failed at discoveryV5: .*EADDRINUSE/),
  });
  expect(world.udp.bound).toEqual([`${node.host.address}:9000`]);
  expect(node.server.discovery?.stats()).toBeNull();
  other.close();
  await world.start(node);
  expect(world.udp.bound).toHaveLength(2);
  await world.end();
});

async function hubOf() {
  const world = new World();
  const hub = world.add(1, { protocols: [echo()] });
  await world.start(hub);
  return { world, hub };
}

/** A hub that dials a raw peer, both with a session. */
async function dialling(): Promise<{ world: World; hub: Member; guest: RawPeer }> {
  const { world, hub } = await hubOf();
  const { guests } = host(world, 2);
  hub.server.addPeer(enodeOf(2));
  await world.settle();
  return { world, hub, guest: guests[0]! };
}

/** What go-ethereum calls the order of calls is here the states that the one connection waited in. */
function expectEnded({ log, server }: Member, state: string, waited: readonly string[]): void {
  const ended = log.filter((event) => event.type === 'ended');
  expect(ended).toMatchObject([{ state }]);
  expect(ended[0]!.trail).toEqual([...waited, state]);
  expect(server.peers).toEqual([]);
}
