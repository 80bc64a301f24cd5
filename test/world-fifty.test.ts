/** Fifty nodes that know two others each and are told of the rest by chance find as many peers as their limits allow. */
import { expect, test } from 'vitest';

import { echo } from '../src/protocols/echo.ts';
import { createWorld, type World } from '../src/testing/world.ts';
import type { WorldNode } from '../src/testing/world-node.ts';

const MAX_PEERS = 8;
const DIALLED = MAX_PEERS / 2;

/** Places stay free where the only ones left are inbound ones at nodes that are not dialled any more. */
const TARGET_DEGREE = 6;

const LIMIT_MS = 180_000;

/** Each has the next two as static nodes; its candidates are all others, in an order of its own. */
async function network(seed: number, size: number): Promise<World> {
  const world = createWorld({ seed, crypto: 'fast' });
  const { nodes } = world;
  async function* candidates(index: number): AsyncGenerator<string> {
    for (const { enode } of world.random.fork(`candidates ${index}`).shuffled(nodes)) yield enode;
  }
  for (let index = 0; index < size; index += 1)
    world.node({
      protocols: [echo()],
      maxPeers: MAX_PEERS,
      dialRatio: MAX_PEERS / DIALLED,
      candidates: candidates(index),
    });
  await world.start(...nodes);
  nodes.forEach(({ server }, index) => {
    for (const step of [1, 2]) server.addPeer(nodes[(index + step) % size]!.enode);
  });
  return world;
}

type Standing = {
  readonly id: string;
  readonly peers: ReadonlySet<string>;
  readonly dialled: number;
};

const standingOf = ({ id, server }: WorldNode): Standing => ({
  id,
  peers: new Set(server.peers.map((peer) => peer.id)),
  dialled: server.peers.filter(({ direction }) => direction !== 'inbound').length,
});

/** Pairs of which one may still dial, the other one may still let in, and which have not met. */
function couldMeet({ nodes }: World): number {
  const open = nodes.map(standingOf).filter(({ peers }) => peers.size < MAX_PEERS);
  const mayDial = open.filter(({ dialled }) => dialled < DIALLED);
  const mayLetIn = open.filter(({ peers, dialled }) => peers.size - dialled < MAX_PEERS - DIALLED);
  return mayDial.flatMap((a) => mayLetIn.filter((b) => a.id !== b.id && !a.peers.has(b.id))).length;
}

/** Looks once a second, as what two nodes believe of each other may differ in between. */
async function settled(world: World): Promise<number> {
  while (couldMeet(world) > 0 && world.clock.now() < LIMIT_MS) await world.run('1s');
  return world.clock.now();
}

test('50 nodes have as many peers as their limits allow within three virtual minutes', async () => {
  const world = await network(1, 50);
  await world.run('1s');
  const at = await settled(world);
  await world.run('1m'); // and it stays so
  const degrees = world.nodes.map(({ server }) => server.peerCount);
  const mean = degrees.reduce((sum, degree) => sum + degree, 0) / degrees.length;
  process.stdout.write(
    `50 nodes after ${at / 1000} virtual seconds: ${Math.min(...degrees)} to ${Math.max(...degrees)} peers, ${mean} on average\n`,
  );
  const pairs = couldMeet(world);
  await world.end();
  expect(pairs).toBe(0);
  expect(at).toBeLessThan(LIMIT_MS);
  expect(Math.min(...degrees)).toBeGreaterThanOrEqual(TARGET_DEGREE);
  expect(Math.max(...degrees)).toBe(MAX_PEERS);
}, 180_000);

test('the same seed is the same network, byte for byte; another seed is another', async () => {
  const [first, again, other] = [await printOf(1), await printOf(1), await printOf(2)];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

async function printOf(seed: number): Promise<string> {
  const world = await network(seed, 12);
  await world.run('1m');
  expect(world.nodes.every(({ server }) => server.peerCount >= 4)).toBe(true);
  await world.end();
  return world.fingerprint;
}
