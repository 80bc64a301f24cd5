/**
 * Networks in which a part of the nodes is behind NAT routers of the four shapes: each node finds every node that can be
 * reached, which are the public ones and those behind a full cone, with v4, with v5 and with both.
 */
import { expect, test } from 'vitest';

import type { NatShape } from '../../src/testing/world/nat.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';

const SHAPES: readonly NatShape[] = [
  'fullCone',
  'addressRestricted',
  'portRestricted',
  'symmetric',
];

/**
 * `NAT_SIZE=60 NAT_SEEDS=200 npm run test:exhaustive test/exhaustive/discovery-nat.test.ts` runs the whole of it; unless a
 * number of seeds is given, v4 alone is left to `both`.
 */
const SIZE = Number(process.env['NAT_SIZE'] ?? 20);
const SEEDS = Number(process.env['NAT_SEEDS'] ?? 1);
const HAS_V4 = process.env['NAT_SEEDS'] !== undefined;

/** Ten networks must see an endpoint before a record claims it. */
const PUBLIC_SHARE = 0.6;
const FIRST = Number(process.env['FIRST'] ?? 0);

/** Nodes that each node looks for. */
const WANTED = 2;

/** Until nodes have answered checks and are named to others; then each node looks around once more, as a walk does. */
const FIRST_LOOK = '1m';

/** Until the nodes behind a NAT claim what others see, and others have read that. */
const SETTLED = '4m';

const TIMEOUT_MS = 600_000;

const KINDS = {
  ...(HAS_V4 && { v4: ['v4'] as const }),
  v5: ['v5'],
  both: ['v4', 'v5'],
} as const satisfies Record<string, WorldNodeOptions['discovery']>;

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1)
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[])
    test(
      `each of ${SIZE} nodes, some of them behind NAT, finds those that can be reached, with ${kind}: seed ${seed}`,
      async () => {
        expect(await missed(seed, KINDS[kind] ?? [])).toEqual([]);
      },
      TIMEOUT_MS,
    );

/** What was looked for and not found. */
async function missed(
  seed: number,
  discovery: readonly ('v4' | 'v5')[],
): Promise<readonly string[]> {
  const random = new SeededRandom(seed).fork('nat');
  const world = createWorld({
    ...{ seed, crypto: 'fast' },
    link: { latencyMs: 40, jitterMs: 20, lossRate: 0.01 },
  });
  const options: WorldNodeOptions = { discovery, noDial: true, keepsEvents: false };
  const boot = world.node(options);
  const bootnodes = [boot.enode];
  const open: WorldNode[] = [boot];
  const hidden: WorldNode[] = [];
  for (let place = 1; place < SIZE; place += 1) {
    const isPublic = place < PUBLIC_SHARE * SIZE;
    const shape = SHAPES[place % SHAPES.length]!;
    const node = world.node({
      ...{ ...options, bootnodes },
      ...(!isPublic && { nat: world.nat(shape) }),
    });
    (isPublic || shape === 'fullCone' ? open : hidden).push(node);
  }
  const all = [...open, ...hidden];
  await world.start(...all);
  const finds = ({ server }: WorldNode, { id, enode }: WorldNode, version: 'v4' | 'v5') =>
    world.complete(
      (async () => {
        const table = version === 'v4' ? server.discovery : server.discoveryV5;
        for await (const found of table?.lookup(enode) ?? []) if (found.id === id) return true;
        return false;
      })(),
    );
  await world.run(FIRST_LOOK);
  for (const node of all) for (const version of discovery) await finds(node, node, version);
  await world.run(SETTLED);
  const lost: string[] = [];
  for (const from of all)
    for (const wanted of random.shuffled(open.filter((node) => node !== from)).slice(0, WANTED))
      for (const version of discovery)
        if (!(await finds(from, wanted, version)))
          lost.push(`${from.label} did not find ${wanted.label} with ${version}`);
  await world.end();
  return lost;
}
