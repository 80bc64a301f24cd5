/** Two servers joined in memory, on virtual time. */
import { describe, expect, test } from 'vitest';
import type { AskableReason, Peer } from '../../src/api/peer.ts';
import { PONG_TIMEOUT_MS } from '../../src/io/link/link-timeouts.ts';
import { DISCONNECT_CODES } from '../../src/io/wire/disconnect.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { REDIAL_DELAY_MS } from '../../src/machines/dialing/dial-scheduler.ts';
import { PING_INTERVAL_MS } from '../../src/machines/peer/peer.ts';
import { type EchoMessage, echo } from '../../src/protocols/echo.ts';
import { type Member, meet, storyOf, World } from '../support/world.ts';

const MINUTE_MS = 60_000;

describe('two servers', () => {
  test('connect, and each reports the other once', async () => {
    const { world, a, b } = await meet({ b: { name: 'the other' } });

    expect([storyOf(a), storyOf(b)]).toEqual([['add'], ['add']]);
    expect(peerOf(a)).toMatchObject({
      id: b.key.id,
      client: 'the other',
      capabilities: [{ name: 'echo', version: 1 }],
      protocols: ['echo/1'],
      direction: 'static',
    });
    expect(peerOf(b)).toMatchObject({ id: a.key.id, direction: 'inbound' });
    expect(peerOf(a).remote).toEqual(peerOf(b).local);
    await world.end();
  });

  test('echo the messages of each other in order', async () => {
    const heard: EchoMessage[] = [];
    const { world, a } = await meet({
      a: { protocols: [echo({ say: 'who is there?', onMessage: (m) => heard.push(m) })] },
      b: { protocols: [echo({ say: 'me' })] },
    });

    expect(heard.map(({ kind, bytes }) => [kind, new TextDecoder().decode(bytes)])).toEqual([
      ['said', 'me'],
      ['echoed', 'who is there?'],
    ]);
    expect(heard[0]!.peer).toBe(peerOf(a));
    await world.end();
  });

  test('keep an idle connection for as long as pings are answered', async () => {
    const { world, a, b } = await meet();
    const { delivered } = world.network.connections[0]!;

    for (let minute = 1; minute <= 10; minute += 1) {
      const before = { ...delivered };
      await world.advance(MINUTE_MS);
      expect(delivered.aToB).toBeGreaterThan(before.aToB);
      expect(delivered.bToA).toBeGreaterThan(before.bToA);
    }

    expect([storyOf(a), storyOf(b)]).toEqual([['add'], ['add']]);
    expect(world.network.dials).toBe(1);
    await world.end();
  });
});

const { networkError: _, ...ASKABLE } = DISCONNECT_CODES;

describe.for(['a', 'b'] as const)('%s disconnects', (side) => {
  test.for(Object.keys(ASKABLE) as AskableReason[])('with %s', async (reason) => {
    const { world, a, b } = await meet();
    const [asker, other] = side === 'a' ? [a, b] : [b, a];

    peerOf(asker).disconnect(reason);
    await world.advance(FAREWELL_MS);

    expect(dropOf(asker)).toMatchObject({
      outcome: 'rejected',
      state: `ending.rejected.${reason}`,
      facts: {},
      abandoned: [],
    });
    expect(dropOf(other)).toMatchObject({
      outcome: 'refused',
      state: `ending.refused.${reason}`,
      facts: { code: ASKABLE[reason] },
      abandoned: [],
    });
    await world.end();
  });

  test('without a reason, twice', async () => {
    const { world, a, b } = await meet();
    const [asker, other] = side === 'a' ? [a, b] : [b, a];
    const peer = peerOf(asker);

    peer.disconnect();
    peer.disconnect('uselessPeer'); // the first one counts
    await world.advance(FAREWELL_MS);
    peer.disconnect(); // long gone

    expect(storyOf(asker)).toEqual(['add', 'drop ending.rejected.requested']);
    expect(storyOf(other)).toEqual(['add', 'drop ending.refused.requested']);
    await world.end();
  });

  test('and neither side waits once both have closed', async () => {
    const { world, a, b } = await meet();
    peerOf(side === 'a' ? a : b).disconnect();
    await world.settle();
    expect([a.server.peers.length, b.server.peers.length]).toEqual([0, 0]);
    await world.end();
  });

  test('by stopping', async () => {
    const { world, a, b } = await meet();
    const [stopping, other] = side === 'a' ? [a, b] : [b, a];

    expect(await world.stop(stopping)).toBe(0);
    await world.advance(FAREWELL_MS);

    expect(storyOf(stopping)).toEqual(['add', 'drop ending.rejected.clientQuitting']);
    expect(storyOf(other)).toEqual(['add', 'drop ending.refused.clientQuitting']);
    expect(other.server.peers).toEqual([]);
    await world.end();
  });
});

describe('removePeer', () => {
  test('resolves after the drop, and the node is not dialled until it is added again', async () => {
    const { world, a, b } = await meet();

    const removed = a.server.removePeer(b.enode).then(() => storyOf(a));
    await world.settle();
    expect(await removed).toEqual(['add', 'drop ending.rejected.requested']);
    expect(a.server.peers).toEqual([]);

    await world.advance(10 * MINUTE_MS, MINUTE_MS);
    expect(world.network.dials).toBe(1);

    a.server.addPeer(b.enode);
    await world.settle();
    expect(a.server.peers.map(({ id }) => id)).toEqual([b.key.id]);
    await world.end();
  });

  test('of an inbound peer disconnects it too', async () => {
    const { world, a, b } = await meet();

    const removed = b.server.removePeer(a.enode);
    await world.settle();
    await removed;
    await world.advance(FAREWELL_MS);

    expect(storyOf(a)).toEqual(['add', 'drop ending.refused.requested']);
    await world.end();
  });

  test('twice at once resolves twice', async () => {
    const { world, a, b } = await meet();
    const removed = Promise.all([a.server.removePeer(b.enode), a.server.removePeer(b.enode)]);
    await world.settle();
    await removed;
    expect(storyOf(a)).toEqual(['add', 'drop ending.rejected.requested']);
    await world.end();
  });

  test('of a node whose connection is being set up keeps it from becoming a peer', async () => {
    const world = new World();
    const a = world.add(1, { protocols: [echo()] });
    const b = world.add(2, { protocols: [echo()] });
    await world.start(a, b);
    a.server.addPeer(b.enode);
    await world.settle(2);
    expect(world.liveActors()).toContain('connection-setup:1');

    await a.server.removePeer(b.enode);
    await world.advance(MINUTE_MS);

    expect(a.server.peers).toHaveLength(0);
    expect(storyOf(b)).not.toContain('add');
    await world.end();
  });
});

describe('a static node', () => {
  test('that hangs up is redialled 35 s after the last dial, not before', async () => {
    const { world, a, b } = await meet();
    await world.advance(5_000);
    peerOf(b).disconnect();
    await world.advance(FAREWELL_MS);

    await world.advance(REDIAL_DELAY_MS - 5_000 - FAREWELL_MS - 1, MINUTE_MS);
    expect(a.server.peers).toEqual([]);
    expect(world.network.dials).toBe(1);

    await world.advance(1);
    expect(world.network.dials).toBe(2);
    expect(storyOf(a)).toEqual(['add', 'drop ending.refused.requested', 'add']);
    await world.end();
  });

  test('that hangs up later than that is redialled at once', async () => {
    const { world, a, b } = await meet();
    await world.advance(REDIAL_DELAY_MS);
    peerOf(b).disconnect();
    await world.advance(FAREWELL_MS);

    expect(storyOf(a)).toEqual(['add', 'drop ending.refused.requested', 'add']);
    await world.end();
  });

  test('that does not listen is dialled every 35 s until it does', async () => {
    const world = new World();
    const b = world.add(2, { protocols: [echo()] });
    const a = world.add(1, { protocols: [echo()], staticNodes: [b.enode] });
    await world.start(a);
    await world.settle();
    await world.advance(2 * REDIAL_DELAY_MS, REDIAL_DELAY_MS);
    expect(storyOf(a)).toEqual(Array(3).fill('dialFailed connectionRefused'));

    await world.start(b);
    await world.advance(REDIAL_DELAY_MS, REDIAL_DELAY_MS);
    expect(a.server.peers).toHaveLength(1);
    await world.end();
  });

  test('is not dialled by a server that is stopping', async () => {
    const { world, a } = await meet();
    await world.advance(REDIAL_DELAY_MS); // so that it is due again as soon as it is gone

    await world.stop(a);

    expect(world.network.dials).toBe(1);
    expect(storyOf(a)).toEqual(['add', 'drop ending.rejected.clientQuitting']);
    await world.end();
  });
});

test('a silent partition is noticed by both sides within 30 s', async () => {
  const { world, a, b } = await meet();
  await world.advance(MINUTE_MS + 7_000);
  const { cut, delivered } = world.network.connections[0]!;
  cut('stall', delivered.aToB, 'aToB');
  const begun = world.clock.now();
  const endedAfter: number[] = [];
  for (const { server } of [a, b])
    server.on('drop', () => endedAfter.push(world.clock.now() - begun - FAREWELL_MS));

  await world.advance(PING_INTERVAL_MS + PONG_TIMEOUT_MS + FAREWELL_MS);

  for (const member of [a, b])
    expect(storyOf(member)[1]).toMatch(/^drop ending\.rejected\.(pongTimeout|silence)$/);
  expect(endedAfter).toHaveLength(2);
  for (const after of endedAfter) expect(after).toBeLessThanOrEqual(30_000);
  await world.end();
});

const peerOf = ({ server }: Member): Peer => server.peers[0]!;

/** How the one peer ended. */
function dropOf({ log }: Member) {
  const drops = log.filter((event) => event.type === 'drop');
  expect(drops).toHaveLength(1);
  const { type, peer, ...ending } = drops[0]!;
  return ending;
}
