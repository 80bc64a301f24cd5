/** Nodes of two chains, each with its fork id in its record: with the filter, no dial is spent on a node of the other chain. */
import { expect, onTestFinished, test } from 'vitest';
import { type Chain, headAtTime } from '../../src/io/wire/fork-id.ts';
import { eth } from '../../src/protocols/eth.ts';
import { forkFilter } from '../../src/protocols/fork-filter.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { createWorld } from '../../src/testing/world/world.ts';

/** 2026-11-30, in Unix seconds. */
const NOW = 1_796_000_000;
const { hoodi, sepolia } = NETWORKS;

const observing = (chain: Chain) => eth({ chain, head: () => headAtTime(chain, NOW) }).protocols;

async function* each(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

/** A node of hoodi that is to try two nodes of each chain. @returns ids, and how its peers ended. */
async function dialAll(isFiltered: boolean) {
  const world = createWorld({ seed: 5, crypto: 'fast' });
  onTestFinished(() => world.end());
  const chains = [sepolia, hoodi, sepolia, hoodi];
  const nodes = chains.map(({ chain }) => world.node({ protocols: observing(chain) }));
  await world.start(...nodes);
  const records = nodes.map(({ server }) => server.self.enr!);
  const head = () => headAtTime(hoodi.chain, NOW);
  const caller = world.node({
    protocols: observing(hoodi.chain),
    candidates: each(records),
    maxPeers: 30,
    netRestrict: ['0.0.0.0/0'],
    ...(isFiltered && { candidateFilter: forkFilter({ chain: hoodi.chain, head }) }),
  });
  const dropped: string[] = [];
  caller.server.on('drop', ({ peer }) => dropped.push(peer.id));
  await world.start(caller);
  await world.run('20s');
  const idsOf = (wanted: typeof hoodi) =>
    nodes.filter((_, index) => chains[index] === wanted).map(({ server }) => server.self.id);
  return {
    peers: caller.server.peers.map(({ id }) => id).sort(),
    dropped: dropped.sort(),
    ours: idsOf(hoodi).sort(),
    others: idsOf(sepolia).sort(),
  };
}

test('without a filter, nodes of the other chain are dialled, and dropped for their Status', async () => {
  const { peers, dropped, ours, others } = await dialAll(false);
  expect(peers).toEqual(ours);
  expect(dropped).toEqual(others);
});

test('with it, they are not dialled', async () => {
  const { peers, dropped, ours } = await dialAll(true);
  expect(peers).toEqual(ours);
  expect(dropped).toEqual([]);
});
