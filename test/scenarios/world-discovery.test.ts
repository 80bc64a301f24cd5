/** Nodes that know one bootnode find as many peers as they want, though datagrams are lost and nodes restart. */
import { expect, test } from 'vitest';

import type { WorldNode } from '../../src/testing/world/world-node.ts';
import { growNetwork, type NetworkPlan } from '../support/discovery-world.ts';
import { isExhaustive } from '../support/exhaustive.ts';

/**
 * Nodes, since the time grows with the square of them, fewer in a quick run, and fewer with v5, whose packets cost more. The
 * degree is the number of peers of each node, a third of its places: with fewer places those that are back late find all
 * others full.
 */
const SIZES = isExhaustive
  ? { v4: { size: 50, degree: 8 }, v5: { size: 16, degree: 5 } }
  : { v4: { size: 12, degree: 4 }, v5: { size: 8, degree: 3 } };

/** From the last restart; it takes some seconds. */
const LIMIT = '5m';

/** `DISCOVERY_SEEDS=200 npm run test:exhaustive test/scenarios/world-discovery.test.ts` runs more. */
const SEEDS = Number(process.env['DISCOVERY_SEEDS'] ?? 1);
const FIRST = Number(process.env['FIRST'] ?? 0);

/** One of so many seeds is run twice. */
const REPEATED = 10;

/** For one network and its repetition, in ms. */
const TIMEOUT_MS = 180_000;

/** What each node speaks: the bootnode speaks both versions, the others one of them or both. */
const MIXED = [['v4', 'v5'], 'v4', 'v5'] as const;

const KINDS = {
  v4: { ...SIZES.v4, discovery: () => 'v4' },
  v5: { ...SIZES.v5, discovery: () => 'v5' },
  'v4, v5 or both': { ...SIZES.v5, discovery: (place: number) => MIXED[place % MIXED.length]! },
} as const satisfies Record<string, Omit<NetworkPlan, 'seed' | 'limit'>>;

type Kind = keyof typeof KINDS;

const ALL = Object.keys(KINDS) as Kind[];
const TESTED = isExhaustive ? ALL : ALL.filter((kind) => kind !== 'v5');

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1)
  for (const kind of TESTED)
    test(
      `${KINDS[kind].size} nodes with ${kind} that know one bootnode have ${KINDS[kind].degree} peers each, though a tenth restarts: seed ${seed}`,
      async () => {
        const fingerprint = await run(kind, seed);
        if (seed % REPEATED === 1) expect(await run(kind, seed)).toBe(fingerprint);
      },
      TIMEOUT_MS,
    );

async function run(kind: Kind, seed: number): Promise<string> {
  const { world, nodes } = await growNetwork({ seed, limit: LIMIT, ...KINDS[kind] });
  const tablesOf = ({ server }: WorldNode) =>
    [server.discovery, server.discoveryV5].flatMap((table) => (table ? [table.nodes()] : []));
  // a node that restarted last may be in its first lookup
  await world.until(
    () => nodes.every((node) => tablesOf(node).every((table) => table.length > 0)),
    LIMIT,
  );
  for (const node of nodes)
    for (const table of tablesOf(node)) expect(table.map(({ id }) => id)).not.toContain(node.id);
  await world.end();
  return world.fingerprint;
}
