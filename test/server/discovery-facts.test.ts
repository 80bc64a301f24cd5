import { expect, test } from 'vitest';
import { discoveryFacts } from '../../src/server/discovery-facts.ts';
import { idAt, tableNode } from '../support/table-nodes.ts';
import { servingTable } from '../support/table-run.ts';

const bootnode = tableNode(idAt(256));

test('nodes are counted by what they are, and packets of all types together', () => {
  const run = servingTable({ bootnodes: [bootnode] }, [bootnode, tableNode(idAt(250))]);
  const stats = { sent: { ping: 4, pong: 3 }, receivedDatagrams: 9, clockBehindMs: 20_000 };
  expect(discoveryFacts(run.actor.getSnapshot(), { bootnodes: 2, stats })).toMatchObject({
    ...{ fault: '', bootnodes: 2, knownBootnodes: 1, excludedBootnodes: 0 },
    ...{ nodes: 2, live: 0, liveOthers: 0, refreshes: 0, unanswered: 0 },
    ...{ traffic: { sent: 7, received: 9 }, clockBehindMs: 20_000 },
  });
});

test('without a socket there is no traffic; version 5 has nothing to say about the clock', () => {
  const run = servingTable({ bootnodes: [bootnode], rules: { isInNetRestrict: () => false } });
  const factsWith = (stats: Parameters<typeof discoveryFacts>[1]['stats']) =>
    discoveryFacts(run.actor.getSnapshot(), { bootnodes: 1, stats });
  expect(factsWith(null)).toMatchObject({ excludedBootnodes: 1, traffic: null });
  expect(factsWith({ sent: {}, receivedDatagrams: 0 })).toMatchObject({ clockBehindMs: null });
});
