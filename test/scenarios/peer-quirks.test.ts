/** The quirks of go-ethereum's register that concern one peer, and what we do instead. */
import { describe, expect, test } from 'vitest';

import { MAX_BUFFERED_EVENTS } from '../../src/api/event-feed.ts';
import type { Protocol } from '../../src/api/protocol.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { decodeDisconnect, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { compress, decompress } from '../../src/io/wire/snappy.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { seededRandom } from '../support/crypto.ts';
import { ECHO_OFFSET, idle, rawPeerOf, withRawPeer } from '../support/hub.ts';
import { type Member, storyOf, World } from '../support/world.ts';

const EMPTY_LIST = Uint8Array.of(0xc0);

const dropOf = ({ log }: Member) => log.find((event) => event.type === 'drop');

describe('quirks of one peer', () => {
  test('a slow subscriber delays nothing, and gets the number of events it missed (quirk 15)', async () => {
    const world = new World();
    let taken = 0;
    const run: Protocol['run'] = async (_, port) => {
      for await (const _message of port) taken += 1;
    };
    const server = world.add(1, { protocols: [{ ...echo(), run }], messageEvents: true });
    const slow = server.server.events();
    await world.start(server);
    const peer = await rawPeerOf(world, server, 9);
    const packed = compress(EMPTY_LIST);
    for (let i = 0; i < MAX_BUFFERED_EVENTS + 9; i += 1) peer.send(ECHO_OFFSET, packed);
    await world.settle(200);
    expect(taken).toBe(MAX_BUFFERED_EVENTS + 9);
    expect(slow.dropped).toBe(10); // "add" came first
    server.server.peers[0]!.disconnect();
    peer.stream.destroy();
    await world.settle();
    expect(storyOf(server)).toEqual(['add', 'drop ending.rejected.requested']);
    await world.end();
  });

  test('their Disconnect is not echoed (quirk 24)', async () => {
    const { world, peer } = await withRawPeer(idle);
    peer.sendCompressed(DISCONNECT, encodeDisconnect('tooManyPeers'));
    await world.settle();
    expect(peer.unreadFrames).toEqual([]);
    expect(peer.received.isEnded).toBe(true);
    peer.stream.destroy();
    await world.end();
  });

  test.for([
    ['rejected', (server: Member) => server.server.peers[0]!.disconnect()],
    [
      'refused',
      (_: Member, peer: RawPeer) => peer.sendCompressed(DISCONNECT, encodeDisconnect('requested')),
    ],
    ['failed', (_: Member, peer: RawPeer) => peer.stream.destroy()],
  ] as const)('a drop says whether it was %s (quirk 25)', async ([outcome, end]) => {
    const { world, server, peer } = await withRawPeer(idle);
    end(server, peer);
    await world.advance(FAREWELL_MS);
    expect(dropOf(server)).toMatchObject({ outcome });
    peer.stream.destroy();
    await world.end();
  });

  test('P15: a Disconnect to a peer that does not read closes the connection after 2 s (quirk 30)', async () => {
    const noise = seededRandom('noise')(64 * 1024);
    const { world, server, peer } = await withRawPeer(async (remote, port) => {
      await port[Symbol.asyncIterator]().next();
      for (let i = 0; i < 100; i += 1) port.send(0, noise).catch(() => {});
      return idle(remote, port);
    });
    peer.stream.duplex.pause();
    peer.sendCompressed(ECHO_OFFSET, EMPTY_LIST);
    await world.settle();
    server.server.peers[0]!.disconnect();
    await world.advance(FAREWELL_MS - 1, FAREWELL_MS - 1);
    expect(server.server.peers).toHaveLength(1);
    await world.advance(1);
    expect(storyOf(server)).toEqual(['add', 'drop ending.rejected.requested']);
    expect(world.network.connections[0]!.b.duplex.destroyed).toBe(true);
    peer.stream.destroy();
    await world.end();
  });

  test('the Disconnect follows what was written, ahead of everything queued (quirk 30)', async () => {
    const noise = seededRandom('noise')(256 * 1024);
    const { world, server, peer } = await withRawPeer(async (remote, port) => {
      await port[Symbol.asyncIterator]().next();
      for (let i = 0; i < 100; i += 1) port.send(0, noise).catch(() => {});
      return idle(remote, port);
    });
    peer.stream.duplex.pause();
    peer.sendCompressed(ECHO_OFFSET, EMPTY_LIST);
    await world.settle();
    server.server.peers[0]!.disconnect('tooManyPeers');
    peer.stream.duplex.resume();
    await world.settle(200);
    const codes = peer.unreadFrames.map(({ code }) => code);
    expect(codes.at(-1)).toBe(DISCONNECT);
    expect(codes.length).toBeLessThan(8);
    const { payload } = peer.unreadFrames.at(-1)!;
    expect(decodeDisconnect(decompress(payload, 100))).toMatchObject({ reason: 'tooManyPeers' });
    await world.end();
  });

  test('twenty Disconnects to peers that do not read take as long as one (P15)', async () => {
    const world = new World();
    const server = world.add(1, { protocols: [{ ...echo(), run: idle }] });
    await world.start(server);
    const peers: RawPeer[] = [];
    for (let seed = 100; seed < 120; seed += 1) peers.push(await rawPeerOf(world, server, seed));
    for (const { stream } of peers) stream.duplex.pause();
    expect(await world.stop(server)).toBeLessThanOrEqual(FAREWELL_MS + 100);
    for (const { stream } of peers) stream.destroy();
    await world.end();
  });

  test('peers may be listed and disconnected inside add and drop listeners (quirk 31)', async () => {
    const world = new World();
    const [a, b] = [1, 2].map((seed) => world.add(seed, { protocols: [echo()] }));
    const counts: number[] = [];
    a!.server.on('add', ({ peer }) => {
      counts.push(a!.server.peerCount);
      peer.disconnect();
      void a!.server.removePeer(b!.enode);
      counts.push(a!.server.peers.length);
    });
    a!.server.on('drop', () => counts.push(a!.server.peers.length));
    await world.start(a!, b!);
    a!.server.addPeer(b!.enode);
    await world.advance(FAREWELL_MS);
    expect(counts).toEqual([1, 1, 0]);
    await world.end();
  });
});
