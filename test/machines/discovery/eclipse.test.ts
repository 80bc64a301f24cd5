/**
 * One attacker with two /24 networks and 4,096 ids against table and maintenance: it answers every check and every
 * lookup, and returns only nodes of its own. Its share of the table is bounded, before and after a restart.
 */
import { describe, expect, test } from 'vitest';

import type { Node } from '../../../src/io/crypto/node.ts';
import { closestOf } from '../../../src/machines/discovery/distance.ts';
import { entriesOf } from '../../../src/machines/discovery/table.ts';
import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';
import { isExhaustive } from '../../support/exhaustive.ts';
import { hostNumber, SELF, tableNode } from '../../support/table-nodes.ts';
import { findings, runTable, type TableRun, udpAddress } from '../../support/table-run.ts';

const ATTACKERS = 4_096;
const HONEST = 300;
/** Ten in all for each of its networks. */
const MAX_ATTACKERS = 20;
const MINUTE_MS = 60_000;

const isAttacker = ({ host }: Node) => /^198\.51\.(100|101)\./.test(host);

function populations(seed: number) {
  const random = new SeededRandom(seed);
  const id = () => Buffer.from(random.bytes(32)).toString('hex');
  const attackers = Array.from({ length: ATTACKERS }, (_, index) => {
    const host = `198.51.${100 + (index % 2)}.${(index >> 1) % 256}`;
    return tableNode(id(), { host, udpPort: 30_000 + (index >> 9) });
  });
  const honest = Array.from({ length: HONEST }, (_, index) =>
    tableNode(id(), { host: hostNumber(index) }),
  );
  return { attackers, honest, random };
}

type Populations = ReturnType<typeof populations>;

/** Runs a node for so long. Lookups meet attackers and honest nodes; the attacker also pings without end. */
function live(run: TableRun, { attackers, honest, random }: Populations, minutes: number): void {
  let seenChecks = 0;
  let seenLookups = 0;
  const nodesOf = () => entriesOf(run.table()).map(({ node }) => node);
  const step = () => {
    for (const { lookupId, target: key } of run.lookups().slice(seenLookups)) {
      seenLookups = run.lookups().length;
      const anyId = attackers[random.between(0, ATTACKERS - 1)]!.id;
      const target = key === null ? anyId : SELF;
      const poisoned = closestOf(attackers, target, 200);
      const found = [...poisoned, ...closestOf(honest, target, 60)];
      run.send({ type: 'lookup.ended', lookupId, ...findings(found, [target]) });
    }
    for (const id of run.checked().slice(seenChecks)) {
      const node = nodesOf().find((one) => one.id === id);
      // honest nodes are away now and then
      if (node && (isAttacker(node) || random.chance(0.98)))
        run.network.report({ type: 'check.answered', id, node });
      else run.network.report({ type: 'check.failed', id });
    }
    seenChecks = run.checked().length;
    for (let pings = 0; pings < 8; pings += 1) {
      const node = attackers[random.between(0, ATTACKERS - 1)]!;
      const host = `198.51.${100 + random.between(0, 1)}.${random.between(0, 255)}`;
      run.network.report({ type: 'node.proven', node: { ...node, host } });
    }
    expect(nodesOf().filter(isAttacker).length).toBeLessThanOrEqual(MAX_ATTACKERS);
  };
  for (let time = 0; time < minutes * MINUTE_MS; time += 5_000) {
    run.clock.advance(5_000);
    step();
  }
}

const shareOf = (run: TableRun) => {
  const nodes = entriesOf(run.table()).map(({ node }) => node);
  return { attackers: nodes.filter(isAttacker).length, all: nodes.length };
};

describe.for(isExhaustive ? [1, 2, 3, 4, 5, 6] : [1])(
  'an attacker with two networks and 4,096 ids (seed %i)',
  (seed) => {
    test('never holds more than 20 entries, before and after a restart from the store', () => {
      const all = populations(seed);
      const first = runTable({ seed, bootnodes: all.honest.slice(0, 3) });
      first.network.report({ type: 'network.bound', address: udpAddress });
      first.store.report({ type: 'seeds.found', nodes: [] });
      live(first, all, 30);
      const before = shareOf(first);
      expect(before.attackers).toBeLessThanOrEqual(MAX_ATTACKERS);
      expect(before.all - before.attackers).toBeGreaterThan(40);
      first.send({ type: 'close' });

      // the store gives what it was told to keep; in the worst case those of the attacker first
      const stored = [
        ...new Map(
          first
            .saved()
            .flat()
            .map((node) => [node.id, node]),
        ).values(),
      ];
      const seeds = stored.toSorted((a, b) => Number(isAttacker(b)) - Number(isAttacker(a)));
      expect(seeds.length).toBeGreaterThan(40);
      const second = runTable({ seed: seed + 1_000, bootnodes: all.honest.slice(0, 3) });
      second.network.report({ type: 'network.bound', address: udpAddress });
      second.store.report({ type: 'seeds.found', nodes: seeds });
      live(second, all, 30);
      const after = shareOf(second);
      expect(after.attackers).toBeLessThanOrEqual(MAX_ATTACKERS);
      expect(after.all - after.attackers).toBeGreaterThan(40);
    });
  },
);

test('an attacker that only pings before the first refresh is in no table', () => {
  const all = populations(3);
  const run = runTable({ bootnodes: all.honest.slice(0, 3) });
  run.network.report({ type: 'network.bound', address: udpAddress });
  run.store.report({ type: 'seeds.found', nodes: [] });
  for (const node of all.attackers) run.network.report({ type: 'node.proven', node });
  expect(shareOf(run)).toEqual({ attackers: 0, all: 3 });
});
