/**
 * Networks in which a part of the nodes is behind NAT routers of the four shapes, with v4, with v5 and with both: each node
 * finds every node that it can reach. What that means is written in `test/support/nat-network.ts`.
 */
import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { type NatNetworkPlan, searchNatNetwork } from '../support/nat-network.ts';

/** The whole is 60 nodes of each kind and 200 seeds; docs/testing.md has its command. */
const SIZE = Number(process.env['NAT_SIZE'] ?? 0);
const SEEDS = Number(process.env['NAT_SEEDS'] ?? 1);
const FIRST = Number(process.env['FIRST'] ?? 0);

/** One line for each seed and kind is appended to this file. */
const LOG = process.env['NAT_LOG'];

/** Nodes, unless a number is given: what fits into 40 s of CPU on a busy machine. */
const KINDS = {
  v4: { versions: ['v4'], size: 40 },
  v5: { versions: ['v5'], size: 30 },
  both: { versions: ['v4', 'v5'], size: 24 },
} as const satisfies Record<string, Omit<NatNetworkPlan, 'seed'>>;

const TIMEOUT_MS = 1_800_000;

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1)
  for (const [kind, { versions, size: usual }] of Object.entries(KINDS)) {
    const size = SIZE || usual;
    test(
      `each of ${size} nodes, some of them behind NAT, finds all that it can reach, with ${kind}: seed ${seed}`,
      async () => {
        const startedAt = process.cpuUsage();
        const outcome = await searchNatNetwork({ seed, size, versions }).catch(String);
        const { user, system } = process.cpuUsage(startedAt);
        const cpu = `${((user + system) / 1e6).toFixed(1)} s of CPU`;
        const line = `seed ${seed}, ${kind}, ${size} nodes, ${cpu}: ${JSON.stringify(outcome)}\n`;
        if (LOG) appendFileSync(LOG, line);
        expect(outcome).toMatchObject({ missed: [] });
      },
      TIMEOUT_MS,
    );
  }
