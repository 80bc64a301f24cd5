/** The table against a naive one that changes in place, over random sequences of changes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Node } from '../../../src/io/crypto/node.ts';
import { tableNetworksOf } from '../../../src/io/wire/ip-address.ts';
import {
  addFound,
  addInbound,
  checkAnswered,
  checkFailed,
  closest,
  closestLive,
  emptyTable,
  entriesOf,
  findAnswered,
  findFailed,
  type NodeTable,
  takeToCheck,
} from '../../../src/machines/discovery/table.ts';
import { idAt, tableNode, tableRules } from '../../support/table-nodes.ts';

type Row = { node: Node; live: boolean; checks: number; list: 'fast' | 'slow'; fails: number };

const numbers = (count: number): number[] => [...Array(count).keys()];

/** Where nodes of a run are: every limit is met often in one of them. */
const PLACES = {
  fullBuckets: {
    ids: numbers(32).flatMap((number) => [idAt(256, number), idAt(60, number)]),
    hosts: [
      ...numbers(60).map((net) => `60.1.${net}.1`),
      ...numbers(4).map((host) => `198.51.100.${host}`),
      '192.168.0.1',
      'forbidden',
    ],
  },
  fullNetworks: {
    ids: numbers(12).flatMap((bucket) => numbers(4).map((number) => idAt(245 + bucket, number))),
    hosts: [
      ...numbers(20).map((host) => `198.51.100.${host}`),
      ...numbers(20).map((site) => `2600:1:${site}::1`),
      '2600:1:3:4::1',
      '192.168.0.1',
    ],
  },
} as const;

type Change =
  | { what: 'found'; node: Node }
  | { what: 'inbound'; node: Node }
  | { what: 'answer'; node: Node; keepsNode: boolean }
  | { what: 'check'; list: 'fast' | 'slow' }
  | { what: 'checkFailed'; id: string }
  | { what: 'findFailed'; id: string }
  | { what: 'findAnswered'; id: string };

const changesAt = ({ ids, hosts }: { ids: readonly string[]; hosts: readonly string[] }) => {
  const anyId = fc.constantFrom(...ids);
  const node = fc
    .tuple(
      anyId,
      fc.constantFrom(...hosts),
      fc.constantFrom(30_303, 30_303, 30_304),
      fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    )
    .map(([id, host, udpPort, seq]) =>
      tableNode(id, { host, udpPort, hostKind: host.includes(':') ? 'ipv6' : 'ipv4', seq }),
    );
  const one = fc.oneof(
    { weight: 10, arbitrary: node.map((found): Change[] => [{ what: 'found', node: found }]) },
    { weight: 4, arbitrary: node.map((inbound): Change[] => [{ what: 'inbound', node: inbound }]) },
    {
      weight: 4,
      arbitrary: fc
        .constantFrom<'fast' | 'slow'>('fast', 'slow')
        .map((list): Change[] => [{ what: 'check', list }]),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(node, fc.boolean())
        .map(([answer, keepsNode]): Change[] => [{ what: 'answer', node: answer, keepsNode }]),
    },
    { weight: 1, arbitrary: anyId.map((id): Change[] => [{ what: 'checkFailed', id }]) },
    { weight: 1, arbitrary: anyId.map((id): Change[] => [{ what: 'findAnswered', id }]) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(anyId, fc.integer({ min: 1, max: 6 }))
        .map(([id, times]) => numbers(times).map((): Change => ({ what: 'findFailed', id }))),
    },
  );
  return fc.array(one, { maxLength: 200, size: 'max' }).map((changes) => changes.flat());
};

const run = fc
  .constantFrom(PLACES.fullBuckets, PLACES.fullNetworks)
  .chain((place) => fc.tuple(fc.constant(place.ids[0]!), changesAt(place)));

const hosts = Object.values(PLACES).flatMap((place) => place.hosts);
const networks = new Map(hosts.map((host) => [host, tableNetworksOf(host)]));
const networksOf = (host: string) => networks.get(host) ?? null;

/** Buckets by the number of leading bits that are zero, counts made anew each time. */
class NaiveTable {
  readonly rows = new Map<number, Row[]>();
  readonly spare = new Map<number, Node[]>();
  readonly checks = new Map<string, Node>();

  static bucketOf(id: string): number {
    const bits = BigInt(`0x${id}`).toString(2).length;
    return Math.max(bits, 240);
  }

  list<Item>(map: Map<number, Item[]>, id: string): Item[] {
    const key = NaiveTable.bucketOf(id);
    if (!map.has(key)) map.set(key, []);
    return map.get(key)!;
  }

  row(id: string): Row | undefined {
    return this.list(this.rows, id).find((row) => row.node.id === id);
  }

  fits(one: Node, without?: Node): boolean {
    const own = networksOf(one.host);
    if (!own) return true;
    const all = [...this.rows.values()]
      .flat()
      .map((row) => row.node)
      .concat([...this.spare.values()].flat());
    const others = all.filter((other) => other !== without && networksOf(other.host) !== null);
    const inTable = others.filter((other) => networksOf(other.host)!.table === own.table);
    const inBucket = others.filter(
      (other) =>
        NaiveTable.bucketOf(other.id) === NaiveTable.bucketOf(one.id) &&
        networksOf(other.host)!.bucket === own.bucket,
    );
    return inTable.length < 10 && inBucket.length < 2;
  }

  add(one: Node, isInbound: boolean): void {
    if (one.host === 'forbidden') return;
    const row = this.row(one.id);
    if (row) return this.update(row, one, isInbound);
    const rows = this.list(this.rows, one.id);
    const spare = this.list(this.spare, one.id);
    const known = spare.findIndex(({ id }) => id === one.id);
    if (rows.length >= 16) {
      if (known >= 0 || !this.fits(one)) return;
      spare.unshift(one);
      spare.splice(10);
      return;
    }
    if (!this.fits(one, spare[known])) return;
    if (known >= 0) spare.splice(known, 1);
    rows.push({ node: one, live: false, checks: 0, list: 'fast', fails: 0 });
  }

  update(row: Row, one: Node, isInbound: boolean): void {
    const before = row.node;
    const moved = before.host !== one.host || before.udpPort !== one.udpPort;
    const newer = (one.record?.seq ?? 0) > (before.record?.seq ?? 0);
    if (!isInbound && !newer) return;
    if (isInbound && !moved && one.record === null && before.record !== null) return;
    if (isInbound && !moved && one.record !== null && !newer) return;
    if (before.host !== one.host && !this.fits(one, before)) return;
    row.node = one;
    if (moved) Object.assign(row, { live: false, list: 'fast' });
  }

  /** @param actual The table under test, which says which replacement it drew. */
  remove(id: string, actual: NodeTable): void {
    const rows = this.list(this.rows, id);
    rows.splice(
      rows.findIndex((row) => row.node.id === id),
      1,
    );
    const spare = this.list(this.spare, id);
    if (spare.length === 0) return;
    const drawn = actual.buckets[NaiveTable.bucketOf(id) - 240]!.entries.at(-1)!.node;
    const at = spare.indexOf(drawn);
    expect(at).toBeGreaterThanOrEqual(0);
    spare.splice(at, 1);
    rows.push({ node: drawn, live: false, checks: 0, list: 'fast', fails: 0 });
  }

  /** The row of a node that is still where it was checked; the check is over in any case. */
  endCheck(id: string): Row | undefined {
    const checked = this.checks.get(id);
    this.checks.delete(id);
    const row = this.row(id);
    const isThere =
      checked && row && row.node.host === checked.host && row.node.udpPort === checked.udpPort;
    return isThere ? row : undefined;
  }
}

function step(table: NodeTable, naive: NaiveTable, one: Change): NodeTable {
  if (one.what === 'found' || one.what === 'inbound') {
    naive.add(one.node, one.what === 'inbound');
    return (one.what === 'found' ? addFound : addInbound)(table, one.node);
  }
  if (one.what === 'check') {
    const taken = takeToCheck(table, one.list);
    const due = [...naive.rows.values()]
      .flat()
      .filter((row) => row.list === one.list && !naive.checks.has(row.node.id));
    if (naive.checks.size >= 16 || due.length === 0) expect(taken.node).toBeNull();
    else {
      expect(due.map((row) => row.node)).toContain(taken.node);
      naive.checks.set(taken.node!.id, taken.node!);
    }
    return taken.table;
  }
  if (one.what === 'answer') {
    // a node that is being checked, if there is one
    const id = [...naive.checks.keys()][0] ?? one.node.id;
    const row = naive.endCheck(id);
    const answer = one.keepsNode && row ? row.node : { ...one.node, id };
    if (row) {
      Object.assign(row, { live: true, checks: row.checks + 1, list: 'slow' });
      if (answer.host !== 'forbidden') naive.update(row, answer, false);
    }
    return checkAnswered(table, id, answer);
  }
  if (one.what === 'checkFailed') {
    const id = [...naive.checks.keys()].at(-1) ?? one.id;
    const row = naive.endCheck(id);
    const next = checkFailed(table, id);
    if (!row) return next;
    row.checks = Math.floor(row.checks / 3);
    if (row.checks === 0) naive.remove(id, next);
    else row.list = 'fast';
    return next;
  }
  const row = naive.row(one.id);
  if (one.what === 'findAnswered') {
    if (row) row.fails = 0;
    return findAnswered(table, one.id);
  }
  const next = findFailed(table, one.id);
  if (!row) return next;
  row.fails = Math.min(row.fails + 1, 5);
  if (row.fails === 5 && naive.list(naive.rows, one.id).length >= 8) naive.remove(one.id, next);
  return next;
}

function expectSame(table: NodeTable, naive: NaiveTable): void {
  for (const [key, rows] of naive.rows) {
    const { entries, replacements } = table.buckets[key - 240]!;
    expect(
      entries.map(({ node: one, isLive, checks, list, findFailures }) => ({
        node: one,
        live: isLive,
        checks,
        list,
        fails: findFailures,
      })),
    ).toEqual(rows);
    expect(replacements.map((one) => one.node)).toEqual(naive.spare.get(key) ?? []);
  }
  expect(table.checking).toEqual(naive.checks);
}

test('the table does what a naive table does', () => {
  fc.assert(
    fc.property(run, fc.integer(), ([target, changes], seed) => {
      const rules = tableRules({ isInNetRestrict: (host) => host !== 'forbidden' });
      const naive = new NaiveTable();
      let table = emptyTable(rules, seed);
      for (const one of changes) table = step(table, naive, one);
      expectSame(table, naive);

      const near = (nodes: readonly Node[]) =>
        nodes.toSorted((a, b) =>
          (BigInt(`0x${a.id}`) ^ BigInt(`0x${target}`)) <
          (BigInt(`0x${b.id}`) ^ BigInt(`0x${target}`))
            ? -1
            : 1,
        );
      const rows = [...naive.rows.values()].flat();
      expect(closest(table, target, 16)).toEqual(near(rows.map((row) => row.node)).slice(0, 16));
      const live = rows.filter((row) => row.live).map((row) => row.node);
      expect(closestLive(table, target, 16)).toEqual(near(live).slice(0, 16));
      expect(new Set(entriesOf(table).map(({ id }) => id)).size).toBe(entriesOf(table).length);
    }),
    { numRuns: 60 },
  );
});
