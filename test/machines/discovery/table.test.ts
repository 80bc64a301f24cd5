import { describe, expect, test } from 'vitest';

import {
  addFound,
  addInbound,
  aged,
  BUCKET_SIZE,
  BUCKETS,
  bucketIndex,
  checkAnswered,
  checkFailed,
  checkForgotten,
  closest,
  closestLive,
  emptyTable,
  entriesOf,
  findAnswered,
  findFailed,
  liveAt,
  MAX_CHECKS,
  MAX_FIND_FAILURES,
  MAX_REPLACEMENTS,
  type NodeTable,
  takeToCheck,
  takeToStore,
} from '../../../src/machines/discovery/table.ts';
import { loadVectors } from '../../support/crypto.ts';
import {
  hostNumber,
  idAt,
  idsOf,
  nodesAt,
  SELF,
  tableNode,
  tableRules,
} from '../../support/table-nodes.ts';

const limits = loadVectors<{
  tableLimits: {
    bucketSize: number;
    maxReplacements: number;
    nBuckets: number;
    bucketMinDistance: number;
  }[];
}>('distances-iptrack.json').tableLimits[0]!;

const empty = emptyTable(tableRules(), 1);
const withAll = (nodes: Iterable<Parameters<typeof addFound>[1]>, table = empty): NodeTable => {
  let next = table;
  for (const node of nodes) next = addFound(next, node);
  return next;
};
const entry = (table: NodeTable, id: string) => entriesOf(table).find((one) => one.id === id);
const [a, b] = nodesAt(256, 2) as [ReturnType<typeof tableNode>, ReturnType<typeof tableNode>];

/** Has this node checked, whatever the list is. */
function checking(table: NodeTable, id: string): NodeTable {
  const node = entry(table, id)!.node;
  return { ...table, checking: new Map(table.checking).set(id, node) };
}
const answered = (table: NodeTable, node: typeof a) =>
  checkAnswered(checking(table, node.id), node.id, node);
const failed = (table: NodeTable, id: string) => checkFailed(checking(table, id), id);

test('the sizes are those of go-ethereum', () => {
  expect(BUCKETS).toBe(limits.nBuckets);
  expect(BUCKET_SIZE).toBe(limits.bucketSize);
  expect(MAX_REPLACEMENTS).toBe(limits.maxReplacements);
  const first = limits.bucketMinDistance;
  expect([0, 1, first, first + 1, first + 2, 256].map(bucketIndex)).toEqual([0, 0, 0, 0, 1, 16]);
});

describe('adding nodes', () => {
  test('puts them into the bucket of their distance, not live', () => {
    const table = withAll([a, ...nodesAt(250, 1, 7)]);
    expect(table.buckets[16]!.entries).toMatchObject([{ id: a.id, isLive: false, list: 'fast' }]);
    expect(table.buckets[10]!.entries).toHaveLength(1);
  });

  test('leaves out ourselves, and nodes without an address or a port for discovery', () => {
    const wrong = [
      tableNode(SELF),
      tableNode(idAt(250), { host: 'node.example', hostKind: 'name' }),
      tableNode(idAt(250), { host: '', hostKind: 'none' }),
      tableNode(idAt(250), { udpPort: 0 }),
    ];
    expect(withAll(wrong)).toBe(empty);
  });

  test('leaves out addresses that are not allowed', () => {
    const strict = emptyTable(tableRules({ isInNetRestrict: (host) => host !== a.host }), 1);
    expect(idsOf(withAll([a, b], strict))).toEqual([b.id]);
    const moved = addInbound(withAll([b], strict), tableNode(b.id, { host: a.host }));
    expect(entry(moved, b.id)?.node).toBe(b);
  });

  test('fills a bucket with 16 nodes, then its 10 replacements, of which the oldest leaves', () => {
    const nodes = nodesAt(256, 30);
    const [bucket] = withAll(nodes).buckets.slice(16);
    expect(bucket!.entries.map(({ node }) => node)).toEqual(nodes.slice(0, 16));
    expect(bucket!.replacements.map(({ node }) => node)).toEqual(nodes.slice(20).reverse());
  });

  test('a replacement that is found again keeps its place', () => {
    const nodes = nodesAt(256, 18);
    const table = withAll(nodes);
    expect(addFound(table, nodes[16]!)).toBe(table);
  });

  test('a replacement that is found again after a place is free takes it', () => {
    const nodes = nodesAt(256, 18);
    let table = withAll(nodes);
    table = failed(table, nodes[0]!.id); // one replacement moves up
    table = failed(table, nodes[1]!.id);
    table = failed(table, nodes[2]!.id);
    const [bucket] = table.buckets.slice(16);
    expect(bucket!.entries).toHaveLength(15);
    expect(bucket!.replacements).toEqual([]);
  });
});

describe('networks', () => {
  const inNetwork = (distance: number, number: number) =>
    tableNode(idAt(distance, number), { host: `198.51.100.${number}` });

  test('a bucket has two nodes of one /24 at most', () => {
    const table = withAll([1, 2, 3].map((number) => inNetwork(256, number)));
    expect(idsOf(table)).toEqual([idAt(256, 1), idAt(256, 2)]);
  });

  test('the table has ten nodes of one /24 at most', () => {
    const table = withAll(Array.from({ length: 11 }, (_, index) => inNetwork(246 + index, index)));
    expect(idsOf(table)).toHaveLength(10);
  });

  test('replacements count too', () => {
    const full = withAll(nodesAt(256, 16, 500));
    const table = withAll(
      [1, 2, 3].map((number) => inNetwork(256, number)),
      full,
    );
    expect(table.buckets[16]!.replacements).toHaveLength(2);
  });

  test('a replacement that leaves makes room for its network', () => {
    let table = withAll(nodesAt(256, 16, 500));
    table = withAll([inNetwork(256, 1), inNetwork(256, 2)], table);
    table = withAll(nodesAt(256, MAX_REPLACEMENTS, 600), table);
    expect(addFound(table, inNetwork(256, 3)).buckets[16]!.replacements[0]!.id).toBe(idAt(256, 3));
  });

  test('IPv6 nodes are counted by /48 in a bucket and by /32 in the table', () => {
    const site = (number: number, distance = 256) =>
      tableNode(idAt(distance, number), { host: `2600:1:2:${number}::1` });
    expect(idsOf(withAll([1, 2, 3].map((number) => site(number))))).toHaveLength(2);
    const provider = Array.from({ length: 17 }, (_, index) =>
      tableNode(idAt(240 + index, index), { host: `2600:1:${index}::1` }),
    );
    expect(idsOf(withAll(provider))).toHaveLength(10);
  });

  test('the LAN is not counted', () => {
    const lan = Array.from({ length: 16 }, (_, index) =>
      tableNode(idAt(256, index), { host: '192.168.0.7', udpPort: 30_303 + index }),
    );
    expect(idsOf(withAll(lan))).toHaveLength(16);
  });

  test('a node that moves within its network stays, and one that moves into a full one is not moved', () => {
    const table = withAll([
      inNetwork(256, 1),
      inNetwork(256, 2),
      tableNode(idAt(256, 9), { host: hostNumber(9) }),
    ]);
    const within = addInbound(table, tableNode(idAt(256, 1), { host: '198.51.100.77' }));
    expect(entry(within, idAt(256, 1))?.node.host).toBe('198.51.100.77');
    const into = addInbound(table, tableNode(idAt(256, 9), { host: '198.51.100.78' }));
    expect(entry(into, idAt(256, 9))?.node.host).toBe(hostNumber(9));
  });
});

describe('known nodes', () => {
  const known = answered(withAll([tableNode(a.id, { host: a.host, seq: 5 })]), a);

  test('that are found are replaced by a newer record only', () => {
    const older = addFound(known, tableNode(a.id, { host: b.host, seq: 5 }));
    expect(older).toBe(known);
    const newer = tableNode(a.id, { host: a.host, seq: 6 });
    expect(entry(addFound(known, newer), a.id)).toMatchObject({ node: newer, isLive: true });
  });

  test('that move are not live until they answer there', () => {
    const moved = addFound(known, tableNode(a.id, { host: b.host, seq: 6 }));
    expect(entry(moved, a.id)).toMatchObject({ isLive: false, list: 'fast', checks: 1 });
  });

  test('that contact us may say anything of themselves', () => {
    const moved = addInbound(known, tableNode(a.id, { host: a.host, udpPort: 1 }));
    expect(entry(moved, a.id)).toMatchObject({ isLive: false, node: { udpPort: 1 } });
    const older = addInbound(known, tableNode(a.id, { host: b.host, seq: 1 }));
    expect(entry(older, a.id)?.node.record?.seq).toBe(1);
  });

  test('that contact us from where their record says keep the record', () => {
    expect(addInbound(known, tableNode(a.id, { host: a.host }))).toBe(known);
  });

  test('without a record get their new TCP port', () => {
    const table = withAll([a]);
    const next = tableNode(a.id, { host: a.host, tcpPort: 7 });
    expect(entry(addInbound(table, next), a.id)?.node).toBe(next);
  });
});

describe('checks', () => {
  test('take a random node of the list that is not being checked', () => {
    const table = withAll(nodesAt(256, 3));
    let next = table;
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const taken = takeToCheck(next, 'fast');
      next = taken.table;
      if (taken.node) ids.push(taken.node.id);
    }
    expect(ids.toSorted()).toEqual(idsOf(table).toSorted());
    expect(takeToCheck(table, 'slow').node).toBeNull();
  });

  test('every node of a list has the same chance', () => {
    let table = withAll(nodesAt(256, 4));
    const counts = new Map<string, number>();
    for (let count = 0; count < 400; count += 1) {
      const taken = takeToCheck(table, 'fast');
      const { id } = taken.node!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
      table = checkForgotten(taken.table, id);
    }
    expect(Math.min(...counts.values())).toBeGreaterThan(70);
    expect(counts.size).toBe(4);
  });

  test('are never more at once than the bound', () => {
    let table = withAll([...nodesAt(256, 16), ...nodesAt(255, 16, 40)]);
    for (let count = 0; count < 32; count += 1) table = takeToCheck(table, 'fast').table;
    expect(table.checking.size).toBe(MAX_CHECKS);
    expect(takeToCheck(table, 'fast').node).toBeNull();
  });

  test('that are answered make a node live and put it on the slow list', () => {
    const table = answered(withAll([a]), a);
    expect(entry(table, a.id)).toMatchObject({ isLive: true, checks: 1, list: 'slow' });
    expect(table.checking.size).toBe(0);
  });

  test('bring its newest record', () => {
    const newest = tableNode(a.id, { host: a.host, seq: 3 });
    expect(entry(answered(withAll([a]), newest), a.id)).toMatchObject({
      node: newest,
      isLive: true,
    });
    const moved = tableNode(a.id, { host: b.host, seq: 3 });
    expect(entry(answered(withAll([a]), moved), a.id)).toMatchObject({
      isLive: false,
      list: 'fast',
    });
  });

  test('do not bring the record of another node', () => {
    const table = withAll([a]);
    const next = checkAnswered(checking(table, a.id), a.id, tableNode(b.id, { seq: 9 }));
    expect(idsOf(next)).toEqual([a.id]);
  });

  test('that fail undo two thirds of those that were answered; a node with none left is removed', () => {
    let table = withAll([a]);
    for (let count = 0; count < 9; count += 1) table = answered(table, a);
    table = failed(table, a.id);
    expect(entry(table, a.id)).toMatchObject({ checks: 3, list: 'fast', isLive: true });
    table = failed(table, a.id);
    expect(entry(table, a.id)).toMatchObject({ checks: 1 });
    expect(idsOf(failed(table, a.id))).toEqual([]);
  });

  test('a removed node is replaced by one of the replacements, which is not live', () => {
    const nodes = nodesAt(256, 20);
    const table = failed(answered(withAll(nodes), nodes[3]!), nodes[5]!.id);
    const [bucket] = table.buckets.slice(16);
    expect(bucket!.entries).toHaveLength(16);
    expect(bucket!.replacements).toHaveLength(3);
    expect(nodes.slice(16).map(({ id }) => id)).toContain(bucket!.entries.at(-1)!.id);
    expect(bucket!.entries.at(-1)).toMatchObject({ isLive: false, checks: 0, list: 'fast' });
  });

  test('of an endpoint that the node left prove nothing, for or against it', () => {
    const moved = addInbound(checking(withAll([a]), a.id), tableNode(a.id, { host: b.host }));
    expect(entry(checkAnswered(moved, a.id, a), a.id)).toMatchObject({ isLive: false, checks: 0 });
    expect(idsOf(checkFailed(moved, a.id))).toEqual([a.id]);
    expect(checkFailed(moved, a.id).checking.size).toBe(0);
  });

  test('without a question change nothing', () => {
    const table = withAll([a]);
    expect(checkAnswered(table, a.id, a)).toBe(table);
    expect(checkFailed(table, a.id)).toBe(table);
    expect(checkForgotten(table, b.id)).toBe(table);
  });

  test('of a node that left the table change nothing but the list of checks', () => {
    const gone = { ...empty, checking: new Map([[a.id, a]]) };
    expect(idsOf(checkAnswered(gone, a.id, a))).toEqual([]);
    expect(checkFailed(gone, a.id).checking.size).toBe(0);
  });
});

describe('requests for nodes', () => {
  const repeatedly = (table: NodeTable, id: string, times: number): NodeTable => {
    let next = table;
    for (let count = 0; count < times; count += 1) next = findFailed(next, id);
    return next;
  };

  test('that fail five times in a row remove a node of a bucket that is half full', () => {
    const nodes = nodesAt(256, 8);
    const { id } = nodes[0]!;
    const table = withAll(nodes);
    expect(idsOf(repeatedly(table, id, MAX_FIND_FAILURES - 1))).toContain(id);
    expect(idsOf(repeatedly(table, id, MAX_FIND_FAILURES))).not.toContain(id);
  });

  test('do not remove a node of a bucket with fewer nodes, until it has more', () => {
    const nodes = nodesAt(256, 8);
    const { id } = nodes[0]!;
    const few = repeatedly(withAll(nodes.slice(0, 7)), id, 20);
    expect(idsOf(few)).toContain(id);
    expect(idsOf(findFailed(addFound(few, nodes[7]!), id))).not.toContain(id);
  });

  test('start over with an answer', () => {
    const nodes = nodesAt(256, 8);
    const { id } = nodes[0]!;
    const table = findAnswered(repeatedly(withAll(nodes), id, 4), id);
    expect(idsOf(repeatedly(table, id, 4))).toContain(id);
  });

  test('to a node that is not in the table change nothing', () => {
    expect(findFailed(empty, a.id)).toBe(empty);
    expect(findAnswered(empty, a.id)).toBe(empty);
    const table = withAll([a]);
    expect(findAnswered(table, a.id)).toBe(table);
  });
});

describe('nodes for the store', () => {
  test('are live and long enough in the table, and are given once in each form', () => {
    let table = answered(withAll([a, b]), a);
    expect(takeToStore(aged(table), 2).nodes).toEqual([]);
    const taken = takeToStore(aged(aged(table)), 2);
    expect(taken.nodes).toEqual([a]);
    expect(takeToStore(aged(taken.table), 2)).toEqual({ table: aged(taken.table), nodes: [] });
    const newer = tableNode(a.id, { host: a.host, seq: 2 });
    table = addFound(taken.table, newer);
    expect(takeToStore(table, 2).nodes).toEqual([newer]);
  });
});

describe('the closest nodes', () => {
  const table = answered(withAll([...nodesAt(256, 3), ...nodesAt(200, 3, 40)]), a);

  test('are sorted by their distance from the target', () => {
    expect(closest(table, SELF, 4).map(({ id }) => id)).toEqual([
      ...[40, 41, 42].map((number) => idAt(200, number)),
      a.id,
    ]);
    expect(closest(table, SELF, 100)).toHaveLength(6);
  });

  test('for others are those that answered a check', () => {
    expect(closestLive(table, SELF, 16)).toEqual([a]);
    expect(closestLive(empty, SELF, 16)).toEqual([]);
  });

  test('at a distance are those that answered a check; the first bucket has several distances', () => {
    const [one, other] = [tableNode(idAt(3)), tableNode(idAt(2), { host: hostNumber(1) })];
    let near = addFound(addFound(empty, one), other);
    for (let check = 0; check < 2; check += 1) {
      const taken = takeToCheck(near, 'fast');
      near = checkAnswered(taken.table, taken.node!.id, taken.node!);
    }
    expect([liveAt(near, 3), liveAt(near, 2), liveAt(near, 1)]).toEqual([[one], [other], []]);
    expect(liveAt(addFound(empty, one), 3)).toEqual([]);
  });
});
