/** go-ethereum's p2p tests of one peer, by their names. */
import { describe, expect, test } from 'vitest';
import type { Message, Port, Protocol } from '../../src/api/protocol.ts';
import { RECENT_AUTH_MS } from '../../src/io/link/recent-auths.ts';
import { DISCONNECT, PING, PONG } from '../../src/io/wire/base-message.ts';
import { encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { compress, decompress } from '../../src/io/wire/snappy.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { PROTOCOL_GRACE_MS } from '../../src/machines/peer/peer.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { seededRandom } from '../support/crypto.ts';
import { ECHO_OFFSET, idle, rawPeerOf, withRawPeer } from '../support/hub.ts';
import { type Member, meet, storyOf, World } from '../support/world.ts';

const EMPTY_LIST = Uint8Array.of(0xc0);

const dropOf = ({ log }: Member) => log.find((event) => event.type === 'drop');

describe('peer_test', () => {
  test('PeerProtoReadMsg: codes are those of the protocol, in order, and returning ends it', async () => {
    const heard: [number, number[]][] = [];
    const { world, server, peer } = await withRawPeer(async (_, port) => {
      for await (const { code, payload } of port) {
        heard.push([code, [...payload]]);
        if (heard.length === 3) return;
      }
    });
    for (const [code, byte] of [
      [0, 1],
      [1, 2],
      [0, 3],
    ] as const)
      peer.sendCompressed(ECHO_OFFSET + code, Uint8Array.of(byte));
    await world.settle();
    expect(heard).toEqual([
      [0, [1]],
      [1, [2]],
      [0, [3]],
    ]);
    peer.stream.destroy();
    await world.settle();
    expect(storyOf(server)).toEqual(['add', 'drop ending.rejected.protocolReturned']);
    await world.end();
  });

  test('PeerProtoEncodeMsg: a code outside the protocol is refused, the others get its offset', async () => {
    const refused: unknown[] = [];
    const { world, peer } = await withRawPeer(async (remote, port) => {
      await port.send(2, EMPTY_LIST).catch((error: unknown) => refused.push(error));
      await port.send(1, Uint8Array.of(0xc1, 7));
      return idle(remote, port);
    });
    const { code, payload } = await peer.next();
    expect(code).toBe(17);
    expect(decompress(payload, 10)).toEqual(Uint8Array.of(0xc1, 7));
    expect(peer.unreadFrames).toEqual([]);
    expect(refused).toEqual([expect.any(RangeError)]);
    peer.stream.destroy();
    await world.end();
  });

  test('PeerPing: is answered by a pong', async () => {
    const { world, peer } = await withRawPeer(idle);
    peer.sendCompressed(PING, EMPTY_LIST);
    expect((await peer.next()).code).toBe(PONG);
    peer.stream.destroy();
    await world.end();
  });

  test('PeerDisconnect: their reason is the ending', async () => {
    const { world, server, peer } = await withRawPeer(idle);
    peer.sendCompressed(DISCONNECT, encodeDisconnect('clientQuitting'));
    peer.stream.duplex.end();
    await world.settle();
    expect(dropOf(server)).toMatchObject({
      outcome: 'refused',
      state: 'ending.refused.clientQuitting',
    });
    await world.end();
  });

  test('PeerDisconnectRace: it ends within 4 s whichever side is first, 1,000 times', async () => {
    const world = new World();
    let finish = (): void => {};
    const server = world.add(1, {
      protocols: [
        {
          ...echo(),
          run: (_, port) =>
            new Promise((resolve) => {
              finish = resolve;
              port.signal.addEventListener('abort', () => resolve());
            }),
        },
      ],
      ports: { random: (bytes) => new Uint8Array(bytes).fill(1) }, // the same handshake, which is computed once
    });
    await world.start(server);
    const random = seededRandom('race');
    const endings: readonly ((peer: RawPeer) => void)[] = [
      () => finish(),
      () => server.server.peers[0]?.disconnect('uselessPeer'),
      (peer) => peer.sendCompressed(DISCONNECT, encodeDisconnect('tooManyPeers')),
      (peer) => peer.stream.destroy(),
      (peer) => peer.stream.duplex.end(),
      () => world.network.connections.at(-1)!.cut('reset', 0, 'aToB'),
    ];
    const seen = new Map<string, number>();

    for (let round = 1; round <= 1_000; round += 1) {
      const peer = await rawPeerOf(world, server, 9);
      expect(server.server.peers).toHaveLength(1);
      const [count = 0, ...choices] = random(8);
      for (const choice of choices.slice(0, 2 + (count % 4))) {
        endings[choice % endings.length]!(peer);
        await world.settle(choice >> 6); // none to three turns apart
      }
      await world.settle(8);
      world.clock.advance(FAREWELL_MS + PROTOCOL_GRACE_MS);
      await world.settle(8);
      peer.stream.destroy();
      expect(world.network.connections.pop()!.b.duplex.destroyed).toBe(true);
      world.clock.advance(RECENT_AUTH_MS); // or the same auth would be a replay

      expect(server.server.peers).toHaveLength(0);
      const story = storyOf(server).slice(-2);
      expect(story).toEqual(['add', expect.stringMatching(/^drop ending\./)]);
      expect(server.log).toHaveLength(2 * round);
      seen.set(story[1]!, (seen.get(story[1]!) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([
      'drop ending.failed.connectionClosed',
      'drop ending.failed.connectionReset',
      'drop ending.refused.tooManyPeers',
      'drop ending.rejected.protocolReturned',
      'drop ending.rejected.uselessPeer',
    ]);
    await world.end();
  }, 60_000);

  test('NewPeer: its description, and disconnecting it does not hang', async () => {
    const { world, a, b } = await meet({ b: { name: 'some client' } });
    const [peer] = a.server.peers;
    expect(peer).toMatchObject({
      id: b.key.id,
      client: 'some client',
      capabilities: [{ name: 'echo', version: 1 }],
      protocols: ['echo/1'],
      direction: 'static',
      trusted: false,
    });
    for (let i = 0; i < 3; i += 1) peer!.disconnect('alreadyConnected');
    await world.settle();
    expect(storyOf(a)).toEqual(['add', 'drop ending.rejected.alreadyConnected']);
    await world.end();
  });

  const local = (...names: readonly string[]): readonly Protocol[] =>
    names.map((label) => {
      const [name, version] = label.split('/');
      return { name: name!, version: Number(version), length: Number(version), run: idle };
    });
  test.for<[what: string, ours: readonly string[], theirs: readonly string[], run: string[]]>([
    ['some shared', ['a/1', 'b/1'], ['b/1', 'c/1'], ['b/1']],
    [
      'in the order of names, not of offering',
      ['c/1', 'a/1', 'b/1'],
      ['b/1', 'c/1', 'a/1'],
      ['a/1', 'b/1', 'c/1'],
    ],
    ['the highest shared version of a name', ['a/1', 'a/2', 'a/3'], ['a/1', 'a/2', 'a/4'], ['a/2']],
    ['several of several versions', ['a/1', 'a/2', 'b/3'], ['b/3', 'a/2', 'a/1'], ['a/2', 'b/3']],
  ])('MatchProtocols: %s', async ([_, ours, theirs, run]) => {
    const world = new World();
    const a = world.add(1, { protocols: local(...ours) });
    const b = world.add(2, { protocols: local(...theirs) });
    await world.start(a, b);
    a.server.addPeer(b.enode);
    await world.settle();
    expect([a, b].map(({ server }) => server.peers[0]?.protocols)).toEqual([run, run]);
    await world.end();
  });

  test('MatchProtocols: without a shared protocol there is no peer', async () => {
    const world = new World();
    const a = world.add(1, { protocols: local('a/1') });
    const b = world.add(2, { protocols: local('a/2', 'b/1') });
    await world.start(a, b);
    a.server.addPeer(b.enode);
    await world.advance(FAREWELL_MS);
    expect([a.server.peers, b.server.peers]).toEqual([[], []]);
    await world.end();
  });
});

describe('message_test', () => {
  test('EOFSignal: an unread payload delays nothing, and does not change', async () => {
    const kept: Message[] = [];
    const { world, peer } = await withRawPeer(async (_, port) => {
      for await (const message of port) kept.push(message);
    });
    const sizes = [0, 1, 70_000, 3];
    for (const [name, size] of sizes.entries())
      peer.sendCompressed(ECHO_OFFSET, new Uint8Array(size).fill(name));
    await world.settle();
    expect(kept.map(({ payload }) => payload.length)).toEqual(sizes);
    for (const [name, { payload }] of kept.entries())
      expect(payload.every((byte) => byte === name)).toBe(true);
    peer.stream.destroy();
    await world.end();
  });

  test('MsgPipeUnblockWrite: a waiting send ends with its peer', async () => {
    const noise = seededRandom('noise')(1024 * 1024);
    let told: unknown = 'still waiting';
    const { world, server, peer } = await withRawPeer(async (remote, port) => {
      await port[Symbol.asyncIterator]().next();
      for (let i = 0; i < 3; i += 1)
        await port.send(0, noise).catch((error: unknown) => (told = error));
      return idle(remote, port);
    });
    peer.stream.duplex.pause();
    peer.sendCompressed(ECHO_OFFSET, EMPTY_LIST);
    await world.settle();
    expect(told).toBe('still waiting');
    server.server.peers[0]!.disconnect();
    await world.settle();
    expect(told).toEqual(new Error('the peer is gone: ending.rejected.requested'));
    peer.stream.destroy();
    await world.end();
  });

  test('MsgPipeConcurrentClose: several ends at once are one end', async () => {
    const ends: unknown[] = [];
    let ports: Port[] = [];
    const { world, server, peer } = await withRawPeer(async (remote, port) => {
      ports = [port];
      await Promise.all(
        [0, 1, 2].map(async () => ends.push((await port[Symbol.asyncIterator]().next()).done)),
      );
      return idle(remote, port);
    });
    server.server.peers[0]!.disconnect();
    server.server.peers[0]!.disconnect('uselessPeer');
    peer.stream.destroy();
    await world.stop(server);
    expect(ends).toEqual([true, true, true]);
    expect(ports[0]!.signal.aborted).toBe(true);
    expect(storyOf(server)).toEqual(['add', 'drop ending.rejected.requested']);
    await world.end();
  });
});

describe('messages before an end', () => {
  test('R7: are all delivered before the end, however many there are', async () => {
    let taken = 0;
    const { world, server, peer } = await withRawPeer(async (_, port) => {
      for await (const _message of port) taken += 1;
    });
    const packed = compress(Uint8Array.of(1));
    for (let i = 0; i < 500; i += 1) peer.send(ECHO_OFFSET, packed);
    peer.sendCompressed(DISCONNECT, encodeDisconnect('clientQuitting'));
    peer.stream.duplex.end();
    await world.settle(100);
    expect(taken).toBe(500);
    expect(storyOf(server)).toEqual(['add', 'drop ending.refused.clientQuitting']);
    await world.end();
  });
});
