/** A network whose nodes know one bootnode, in which datagrams are lost and doubled, and nodes restart: from one seed. */
import { echo } from '../../src/protocols/echo.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';

/** Of all nodes, this share restarts; the bootnode is one of them in every second world. */
const RESTARTED_SHARE = 0.1;

/** When the first nodes restart, counted from the start of the last node: in the middle of the first lookups. */
const FIRST_RESTART_MS = 2_000;

/** Longest pauses before a node stops, and before it is back, in ms. */
const MAX_PAUSE_MS = 10_000;

export type NetworkPlan = {
  readonly seed: number;
  /** Of each node; the bootnode, which is the first, needs every one of them. `v4` unless given. */
  readonly discovery?: (place: number) => WorldNodeOptions['discovery'];
  /** Nodes, the bootnode among them. */
  readonly size: number;
  /** Peers that each node has in the end, at least. */
  readonly degree: number;
  /** Longest virtual time to it, from the last restart. */
  readonly limit: `${number}m`;
};

type GrownNetwork = {
  readonly world: World;
  /** Those that run: one for each key. */
  readonly nodes: readonly WorldNode[];
  /** Virtual time from the last restart until each node had its peers, in ms. */
  readonly reachedMs: number;
};

/** Runs until each node has its peers. The world is not ended. @throws {WorldError} Not in time, or an invariant is broken. */
export async function growNetwork({
  seed,
  discovery,
  size,
  degree,
  limit,
}: NetworkPlan): Promise<GrownNetwork> {
  const random = new SeededRandom(seed).fork('discovery');
  const world = createWorld({
    ...{ seed, crypto: 'fast' },
    link: { latencyMs: 40, jitterMs: 40, lossRate: 0.05, duplicateRate: 0.05, reorderRate: 0.05 },
  });
  const options: WorldNodeOptions = {
    ...{ protocols: [echo()], maxPeers: 3 * degree, dialRatio: 3 },
    keepsEvents: false,
  };
  const boot = world.node({ ...options, discovery: discovery?.(0) ?? 'v4' });
  const nodes = [boot];
  while (nodes.length < size) {
    const own = { discovery: discovery?.(nodes.length) ?? 'v4', bootnodes: [boot.enode] };
    nodes.push(world.node({ ...options, ...own }));
  }
  await world.start(...nodes);
  await world.run(FIRST_RESTART_MS);
  const [, ...others] = nodes.keys();
  const restarted = [...random.shuffled([...others])].slice(0, Math.ceil(RESTARTED_SHARE * size));
  if (seed % 2 === 0) restarted[0] = 0;
  for (const place of restarted) {
    await world.run(random.between(0, MAX_PAUSE_MS));
    await world.stop(nodes[place]!);
    await world.run(random.between(0, MAX_PAUSE_MS));
    nodes[place] = world.recreate(nodes[place]!);
    await world.start(nodes[place]);
  }
  const reachedMs = await world.until(
    () => nodes.every(({ server }) => server.peerCount >= degree),
    limit,
  );
  return { world, nodes, reachedMs };
}
