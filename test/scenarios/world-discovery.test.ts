/** Nodes that know one bootnode find as many peers as they want, though datagrams are lost and nodes restart. */
import { expect, test } from 'vitest';

import type { WorldNode } from '../../src/testing/world/world-node.ts';
import { growNetwork } from '../support/discovery-world.ts';
import { isExhaustive } from '../support/exhaustive.ts';

/** In a quick run fewer, since the time grows with the square of them. */
const SIZE = isExhaustive ? 50 : 12;

/** Peers of each node, a third of its places: with fewer places those that are back late find all others full. */
const DEGREE = isExhaustive ? 8 : 4;

/** From the last restart; it takes some seconds. */
const LIMIT = '5m';

/** `DISCOVERY_SEEDS=200 npm run test:exhaustive test/scenarios/world-discovery.test.ts` runs more. */
const SEEDS = Number(process.env['DISCOVERY_SEEDS'] ?? 1);
const FIRST = Number(process.env['FIRST'] ?? 0);

/** One of so many seeds is run twice. */
const REPEATED = 10;

/** For one network and its repetition, in ms. */
const TIMEOUT_MS = 180_000;

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1)
  test(
    `${SIZE} nodes that know one bootnode have ${DEGREE} peers each, though a tenth restarts: seed ${seed}`,
    async () => {
      const fingerprint = await run(seed);
      if (seed % REPEATED === 1) expect(await run(seed)).toBe(fingerprint);
    },
    TIMEOUT_MS,
  );

async function run(seed: number): Promise<string> {
  const { world, nodes } = await growNetwork({ seed, size: SIZE, degree: DEGREE, limit: LIMIT });
  const tableOf = ({ server }: WorldNode) => server.discovery?.nodes() ?? [];
  await world.until(() => nodes.every((node) => tableOf(node).length > 0), LIMIT); // a node that restarted last may be in its first lookup
  for (const node of nodes) expect(tableOf(node).map(({ id }) => id)).not.toContain(node.id);
  await world.end();
  return world.fingerprint;
}
