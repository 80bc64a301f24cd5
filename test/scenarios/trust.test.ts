/** Trusted nodes, on virtual time. `ServerAtCap` and `ServerPeerLimits` are go-ethereum's, p2p/server_test.go. */
import { describe, expect, test } from 'vitest';

import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { MAX_TRUSTED_NODES } from '../../src/machines/server/server-setup.ts';
import { echo } from '../../src/protocols/echo.ts';
import { enodeOf, type Member, meet, storyOf, World } from '../support/world.ts';

describe('trust', () => {
  test('of a peer is visible at once, and disconnects no peer', async () => {
    const { world, a, b } = await meet();
    const peer = a.server.peers[0]!;
    expect(peer.trusted).toBe(false);
    a.server.addTrustedPeer(b.enode);
    expect([peer.trusted, a.server.peersInfo()[0]!.network.trusted]).toEqual([true, true]);
    a.server.removeTrustedPeer(b.enode);
    expect([peer.trusted, a.server.peersInfo()[0]!.network.trusted]).toEqual([false, false]);
    await world.settle();
    expect([storyOf(a), storyOf(b)]).toEqual([['add'], ['add']]);
    await world.end();
  });

  test('is for 1,000 nodes: one more is refused until another is removed', async () => {
    const world = new World();
    const a = world.add(1, { listen: null, trustedNodes: [enodeOf(2)] });
    await world.start(a);
    for (let i = 1; i < MAX_TRUSTED_NODES; i += 1)
      a.server.actor.send({ type: 'trusted.add', id: `${i}` });

    expect(() => a.server.addTrustedPeer(enodeOf(3))).toThrow(
      expect.objectContaining({
        code: 'tooManyTrusted',
        message: 'at most 1000 nodes can be trusted: remove one first',
      }),
    );
    a.server.addTrustedPeer(enodeOf(2)); // is one of them
    a.server.removeTrustedPeer(enodeOf(2));
    a.server.addTrustedPeer(enodeOf(3));
    await world.end();
  });
});

test('ServerAtCap: a full server rejects every node that is not trusted at that moment', async () => {
  const world = new World();
  const [first, trusted, later] = [2, 3, 4].map((seed) => world.add(seed, { protocols: [echo()] }));
  const hub = world.add(1, { protocols: [echo()], maxPeers: 2, trustedNodes: [enodeOf(3)] });
  await world.start(hub, first!, trusted!, later!);
  const call = async ({ server }: Member): Promise<void> => {
    server.addPeer(hub.enode);
    await world.advance(FAREWELL_MS);
  };
  const turnedAway = ['ended refused.tooManyPeers', 'dialFailed setupFailed'];
  await call(first!); // the other place is kept for a dial of ours
  await call(later!);
  expect(storyOf(later!)).toEqual(turnedAway);

  await call(trusted!);
  expect(storyOf(trusted!)).toEqual(['add']);
  expect(hub.server.peers.map((peer) => peer.trusted)).toEqual([false, true]);

  hub.server.removeTrustedPeer(trusted!.enode);
  expect(hub.server.peers.map((peer) => peer.trusted)).toEqual([false, false]);
  const removed = trusted!.server.removePeer(hub.enode);
  await world.settle();
  await removed;
  trusted!.log.length = 0;
  await call(trusted!);
  expect(storyOf(trusted!)).toEqual(turnedAway);

  hub.server.addTrustedPeer(later!.enode);
  later!.log.length = 0;
  await call(later!);
  expect(storyOf(later!)).toEqual(['add']);
  expect(hub.server.peersInfo().map(({ id, network }) => [id, network.trusted])).toEqual(
    [
      [first!.key.id, false],
      [later!.key.id, true],
    ].sort(),
  );
  await world.end();
});

test('ServerPeerLimits: a server without places admits trusted nodes only, as of each connection', async () => {
  const world = new World();
  const hub = world.add(1, { protocols: [echo()], maxPeers: 0 });
  const guest = world.add(2, { protocols: [] }); // runs no protocol, and accepts every peer
  await world.start(hub, guest);
  const call = async (): Promise<void> => {
    guest.server.addPeer(hub.enode);
    await world.advance(FAREWELL_MS);
  };

  await call();
  hub.server.addTrustedPeer(guest.enode);
  await call();
  hub.server.removeTrustedPeer(guest.enode);
  await call();
  expect(storyOf(hub)).toEqual([
    'ended rejected.tooManyPeers',
    'ended rejected.uselessPeer',
    'ended rejected.tooManyPeers',
  ]);
  expect(storyOf(guest).at(-2)).toBe('ended refused.tooManyPeers');
  expect(hub.server.peerCount).toBe(0);
  await world.end();
});
