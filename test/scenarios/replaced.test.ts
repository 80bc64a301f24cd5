/** Every handshake slot is held by a silent caller: which connection is replaced, and which is refused. */
import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { echo } from '../../src/protocols/echo.ts';
import { seededRandom } from '../support/crypto.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { slotsInUse, storyOf, World } from '../support/world.ts';

const speaking = { protocols: [echo()] };

/** Each dialler that uses it writes as many bytes as the one before. */
const alike = () => ({ ...speaking, ports: { random: seededRandom('all alike') } });

/** A server, an honest one that has not dialled yet, and callers that never speak. */
async function besieged(options: Partial<ServerOptions> = {}, network = new MemoryNetwork()) {
  const world = new World(network);
  const hub = world.add(1, { ...speaking, ...options });
  const honest = world.add(2, alike());
  await world.start(hub, honest);
  const knock = async (host = '10.0.0.9') => {
    const from: Endpoint = { host, port: 4_444 };
    const connection = network.connect(hub.server.self.address!, from)!;
    connection.a.duplex.resume();
    await world.settle();
    return connection;
  };
  return { world, hub, honest, knock };
}

describe('R1: while 50 silent callers hold every slot', () => {
  test('an honest peer is admitted after 501 ms, and the oldest silent caller is replaced', async () => {
    const { world, hub, honest, knock } = await besieged();
    const silent = [];
    for (let i = 0; i < 50; i += 1) silent.push(await knock(`192.0.2.${i}`));
    expect(slotsInUse(hub.server)).toBe(50);
    await world.advance(501);
    honest.server.addPeer(hub.enode);
    await world.settle();

    expect(storyOf(hub)).toEqual(['ended failed.replaced', 'add']);
    expect(hub.log[0]).toMatchObject({
      trail: ['encHandshake.awaitingAuth', 'failed.replaced'],
      remote: { host: '192.0.2.0' },
    });
    expect(storyOf(honest)).toEqual(['add']);
    expect(silent.map(({ b }) => b.duplex.destroyed).indexOf(false)).toBe(1);
    expect(silent[0]!.delivered.bToA).toBe(0);
    expect(slotsInUse(hub.server)).toBe(49);
    await world.advance(5_000);
    expect(slotsInUse(hub.server)).toBe(0);
    await world.end();
  });

  test('no connection is admitted before that', async () => {
    const { world, hub, honest, knock } = await besieged({ maxPendingPeers: 2 });
    await knock();
    await knock();
    await world.advance(500);
    honest.server.addPeer(hub.enode);
    await world.settle();
    expect([storyOf(hub), storyOf(honest)]).toEqual([
      [],
      ['ended failed.connectionClosed', 'dialFailed setupFailed'],
    ]);
    await world.end();
  });
});

test('R1, R2: a caller with a valid auth keeps its slot until its deadline', async () => {
  let helloEnds = Number.POSITIVE_INFINITY;
  const network = new MemoryNetwork(({ cut }) => cut('stall', helloEnds - 1, 'aToB'));
  const { world, hub, honest, knock } = await besieged({ maxPendingPeers: 1 }, network);
  honest.server.addPeer(hub.enode);
  await world.settle();
  helloEnds = network.connections[0]!.delivered.aToB; // the next one stops one byte short of a whole Hello
  expect(storyOf(hub)).toEqual(['add']);

  const slow = world.add(3, alike());
  await world.start(slow);
  slow.server.addPeer(hub.enode);
  await world.settle();
  expect(slotsInUse(hub.server)).toBe(1);
  helloEnds = Number.POSITIVE_INFINITY;
  await world.advance(4_000);
  const late = await knock();
  expect(late.b.duplex.destroyed).toBe(true);
  await world.advance(1_000 + FAREWELL_MS);
  expect(storyOf(hub)).toEqual(['add', 'ended rejected.helloTimeout']);
  expect((await knock()).b.duplex.destroyed).toBe(false);
  await world.end();
});

test('P9: trust does not exempt from the handshake limits, which apply before a remote is known', async () => {
  const { world, hub, honest, knock } = await besieged({ maxPendingPeers: 3 });
  hub.server.addTrustedPeer(honest.enode);
  const callers = [];
  for (let i = 0; i < 100; i += 1) callers.push(await knock(`192.0.2.${i}`));
  expect(callers.filter(({ b }) => !b.duplex.destroyed)).toHaveLength(3);
  expect(slotsInUse(hub.server)).toBe(3);
  await world.end();
});
