import { expect, test } from 'vitest';

import { discoveryView } from '../../../src/inspect/recorder/discovery-view.ts';
import { idAt, tableNode } from '../../support/table-nodes.ts';
import { findings, restingTable, runTable, servingTable } from '../../support/table-run.ts';

const HOSTILE = tableNode(idAt(250), { host: 'evil\u202e' });
const NOTHING = { bootnodes: 0, stats: null };

const STATS = {
  receivedDatagrams: 9,
  receivedBytes: 1_000,
  received: { ping: 3, pong: 2, findNode: 1, neighbors: 0, enrRequest: 0, enrResponse: 0 },
  sentBytes: 2_000,
  sent: { ping: 4, pong: 3, findNode: 0, neighbors: 2, enrRequest: 0, enrResponse: 0 },
  unsent: 1,
  refused: { expired: 1, unprovenEndpoint: 2 },
  requests: 5,
  proofs: 6,
  sources: 7,
  timeoutsInARow: 0,
  clockBehindMs: null,
};

test('the table is shown by bucket, with nodes that wait for a place', () => {
  const nodes = [256, 256, 250].map((distance, index) => tableNode(idAt(distance, index)));
  const run = restingTable({}, nodes); // the third is of a network that has its two nodes
  const { buckets } = discoveryView(run.actor.getSnapshot(), NOTHING);
  expect(buckets).toHaveLength(17);
  expect([buckets[0]!.distance, buckets[16]!.distance]).toEqual([240, 256]);
  expect(buckets[16]!.entries).toEqual(
    nodes.slice(0, 2).map(({ id }) => ({
      id,
      remote: '198.51.100.1:30303',
      isLive: false,
      checks: 0,
      list: 'fast',
      isChecked: false,
    })),
  );
});

test('a node under check is marked, and is live when it answered', () => {
  const node = tableNode(idAt(256));
  const run = servingTable({}, [node]);
  run.clock.advance(3_000);
  const entry = () => discoveryView(run.actor.getSnapshot(), NOTHING).buckets[16]!.entries[0];
  expect(entry()).toMatchObject({ isChecked: true, isLive: false });
  run.network.report({ type: 'check.answered', id: node.id, node });
  expect(entry()).toMatchObject({ isChecked: false, isLive: true, checks: 1, list: 'slow' });
});

test('there is nothing of a node but its id and its address', () => {
  const run = restingTable({}, [tableNode(idAt(256), { seq: 7 })]);
  const { buckets } = discoveryView(run.actor.getSnapshot(), NOTHING);
  expect(Object.keys(buckets[16]!.entries[0]!).sort()).toEqual(
    ['checks', 'id', 'isChecked', 'isLive', 'list', 'remote'].sort(),
  );
});

test('text of others is escaped', () => {
  const run = servingTable({}, [HOSTILE]);
  expect(JSON.stringify(discoveryView(run.actor.getSnapshot(), NOTHING))).not.toContain('\u202e');
});

test('packets are shown by type, refusals by reason, the most frequent first', () => {
  const run = servingTable();
  const { packets } = discoveryView(run.actor.getSnapshot(), { bootnodes: 0, stats: STATS });
  expect(packets).toMatchObject({ datagramsIn: 9, bytesIn: 1_000, bytesOut: 2_000, unsent: 1 });
  expect(packets!.byType[0]).toEqual({ packet: 'ping', received: 3, sent: 4 });
  expect(packets!.byType).toHaveLength(6);
  expect(packets!.refused).toEqual([
    { reason: 'unprovenEndpoint', count: 2 },
    { reason: 'expired', count: 1 },
  ]);
  expect(packets!.budgets.map(({ budget, used }) => [budget, used])).toEqual([
    ['requests', 5],
    ['proofs', 6],
    ['sources', 7],
  ]);
});

test('whether it works is said from the state of its machine', () => {
  const says = (run: ReturnType<typeof runTable>, bootnodes = 1) =>
    discoveryView(run.actor.getSnapshot(), { bootnodes, stats: null }).status.sentence;
  const bootnode = tableNode(idAt(256));
  expect(says(runTable())).toBe('Discovery is binding its UDP address.');
  expect(says(servingTable({ bootnodes: [bootnode] }))).toBe('Discovery asks its first nodes.');
  expect(says(servingTable(), 0)).toBe('Discovery has no node to ask: there are no bootnodes.');
  const isInNetRestrict = () => false;
  expect(says(servingTable({ bootnodes: [bootnode], rules: { isInNetRestrict } }))).toContain(
    'netRestrict excludes all of them',
  );
  const silent = servingTable({ bootnodes: [bootnode] });
  for (let left = 4; left > 0; left -= 1) silent.endLookup();
  expect(says(silent)).toContain('No bootnode has answered');
  const alone = servingTable({ bootnodes: [bootnode] });
  alone.clock.advance(3_000);
  alone.network.report({ type: 'check.answered', id: bootnode.id, node: bootnode });
  for (let left = 4; left > 0; left -= 1) alone.endLookup(findings([], [bootnode.id]));
  expect(says(alone)).toContain('Alone in the network');
  alone.network.report({ type: 'network.lost', message: 'gone', retryInMs: 1_000 });
  expect(says(alone)).toContain('lost its UDP socket');
});
