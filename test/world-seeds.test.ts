/** Small worlds in which much goes wrong by chance: whatever happens, nothing breaks and nothing is left. */
import { expect, test } from 'vitest';

import { Life } from './support/life.ts';

const SEEDS = 50;

test.for(Array.from({ length: SEEDS }, (_, index) => `seed ${index}`))(
  '%s comes to a clean end',
  async (seed) => {
    const { world } = await lived(seed);
    expect(world.clock.pending).toBe(0);
  },
);

test.for(['seed 3', 'seed 17', 'seed 40'])('%s is the same life each time', async (seed) => {
  const [first, second] = [await lived(seed), await lived(seed)];
  expect(second.world.fingerprint).toBe(first.world.fingerprint);
});

test('the lives differ, and in some of them nodes meet', async () => {
  const worlds = await Promise.all(['seed 3', 'seed 17', 'seed 40'].map(lived));
  expect(new Set(worlds.map(({ world }) => world.fingerprint)).size).toBe(3);
  const peers = worlds.flatMap(({ world }) =>
    world.nodes.flatMap(({ events }) => events.filter(({ type }) => type === 'add')),
  );
  expect(peers.length).toBeGreaterThan(5);
});

async function lived(seed: string): Promise<Life> {
  const life = new Life(seed);
  await life.live();
  return life;
}
