/** A bootnode of a simulated world, and nodes that know only it. */
import { onTestFinished } from 'vitest';

import { createWorld } from '../../src/testing/world/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';

/** Finds nodes, and dials none of them. */
export const FOUND: WorldNodeOptions = { discovery: 'v4', noDial: true };

/** All of them started; the world ends with the test. */
export async function network(count: number, options: WorldNodeOptions = FOUND) {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const boot = world.node(options);
  await world.start(boot);
  const nodes = Array.from({ length: count }, () =>
    world.node({ ...options, bootnodes: [boot.enode] }),
  );
  await world.start(...nodes);
  onTestFinished(() => world.end());
  return { world, boot, nodes };
}

/** Ids of the nodes in its table. */
export const tableOf = ({ server }: WorldNode): readonly string[] =>
  (server.discovery?.nodes() ?? []).map(({ id }) => id);

/** Ids of the nodes in its table of Node Discovery v5. */
export const tableV5Of = ({ server }: WorldNode): readonly string[] =>
  (server.discoveryV5?.nodes() ?? []).map(({ id }) => id);
