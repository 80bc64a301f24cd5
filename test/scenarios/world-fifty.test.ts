/** Fifty nodes that know two others each, and learn of the rest at random, find as many peers as they want. */
import { expect, test } from 'vitest';

import { echo } from '../../src/protocols/echo.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import type { WorldNode } from '../../src/testing/world/world-node.ts';
import { isExhaustive } from '../support/exhaustive.ts';

const MAX_PEERS = 12;

/** What a node itself works for: as many peers as its share of dials allows. The rest of its places is for callers. */
const TARGET_DEGREE = MAX_PEERS / 3;

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
      dialRatio: MAX_PEERS / TARGET_DEGREE,
      candidates: candidates(index),
    });
  await world.start(...nodes);
  nodes.forEach(({ server }, index) => {
    for (const step of [1, 2]) server.addPeer(nodes[(index + step) % size]!.enode);
  });
  return world;
}

const dialledBy = ({ server }: WorldNode): number =>
  server.peers.filter(({ direction }) => direction !== 'inbound').length;

const isSatisfied = ({ nodes }: World): boolean =>
  nodes.every((node) => dialledBy(node) >= TARGET_DEGREE);

/** In a quick run fewer, since the time grows with the square of them. */
const SIZE = isExhaustive ? 50 : 20;

test(`${SIZE} nodes reach their target degree within three virtual minutes, and keep it`, async () => {
  const world = await network(1, SIZE);
  while (!isSatisfied(world) && world.clock.now() < LIMIT_MS) await world.run('1s');
  const reachedAt = world.clock.now();
  await world.run('1m');
  const degrees = world.nodes.map(({ server }) => server.peerCount);
  const dialled = world.nodes.map(dialledBy);
  await world.end();
  expect(reachedAt).toBeLessThan(LIMIT_MS);
  expect(Math.min(...dialled)).toBeGreaterThanOrEqual(TARGET_DEGREE);
  expect(Math.max(...degrees)).toBeLessThanOrEqual(MAX_PEERS);
}, 180_000);

test('the same seed gives the same network, byte for byte; another seed another network', async () => {
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
