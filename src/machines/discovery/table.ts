/**
 * The Kademlia table of node discovery, as a value: each function returns the table after a change.
 * When nodes are looked for and checked is decided by `table-maintenance.ts`.
 * Sources: devp2p/discv4.md, "Kademlia Table"; go-ethereum p2p/discover/table.go and table_reval.go.
 */
import type { Node } from '../../io/crypto/node.ts';
import { draw, type Seed } from '../dialing/seeded-draw.ts';
import { closestOf, logDistance } from './distance.ts';

/** Ids that differ in none of their first bits are so rare that one bucket is enough for them. Source: go-ethereum. */
export const BUCKETS = 17;

/** Log distance up to which nodes are in the first bucket; each next bucket has one log distance. */
const FIRST_BUCKET_DISTANCE = 256 - BUCKETS + 1;

/** Entries of a bucket, k of Kademlia. Source: devp2p/discv4.md. */
export const BUCKET_SIZE = 16;

/** Nodes of a bucket that wait for a place. Source: go-ethereum. */
export const MAX_REPLACEMENTS = 10;

/** Nodes of one network in a bucket, its replacements included. Source: go-ethereum. */
const MAX_PER_NETWORK_IN_BUCKET = 2;

/** Nodes of one network in the table, replacements included. Source: go-ethereum. */
const MAX_PER_NETWORK = 10;

/** Failed requests for nodes in a row after which a node leaves a bucket that has others. Source: go-ethereum. */
export const MAX_FIND_FAILURES = 5;

/** A bucket with fewer entries keeps nodes that fail to return others. */
const MIN_ENTRIES_TO_DROP = BUCKET_SIZE / 2;

/** One failed check undoes this share of those that were answered. Source: go-ethereum. */
const FAILED_CHECK_DIVISOR = 3;

/** Checks at once: more than two every second would have to be late. */
export const MAX_CHECKS = 16;

/** The networks of an address, as its nodes are counted in a bucket and in the table. */
export type TableNetworks = { readonly bucket: string; readonly table: string };

export type TableRules = {
  /** Our node id: never in the table, and the point from which distances are measured. */
  readonly selfId: string;
  /** Whether a node at this address may be in the table. Asked of addresses only. */
  readonly isInNetRestrict: (host: string) => boolean;
  /** Null for an address that is not counted, such as one on the LAN. */
  readonly networksOf: (host: string) => TableNetworks | null;
};

/** Which list of revalidation a node is on: new ones and those that failed are checked more often. */
export type CheckList = 'fast' | 'slow';

type Candidate = {
  readonly id: string;
  readonly node: Node;
  readonly networks: TableNetworks | null;
};

export type TableEntry = Candidate & {
  /** Whether its present endpoint answered a check. Only live nodes are told to others. */
  readonly isLive: boolean;
  /** Checks that were answered, less those that failed. */
  readonly checks: number;
  readonly list: CheckList;
  /** Consecutive requests for nodes that it did not answer. */
  readonly findFailures: number;
  /** The age of the table when it was added. */
  readonly addedAt: number;
  /** What the store has of it. */
  readonly stored: Node | null;
};

export type TableBucket = {
  /** At most `BUCKET_SIZE`; the newest is the last one. */
  readonly entries: readonly TableEntry[];
  /** At most `MAX_REPLACEMENTS`; the newest is the first one, the oldest leaves. */
  readonly replacements: readonly Candidate[];
};

export type NodeTable = {
  readonly rules: TableRules;
  readonly buckets: readonly TableBucket[];
  /** Of the random choices. */
  readonly seed: Seed;
  /** Grows by one with each {@link aged}. */
  readonly age: number;
  /** The nodes whose check is under way, as they were when it began. At most `MAX_CHECKS`. */
  readonly checking: ReadonlyMap<string, Node>;
};

const EMPTY_BUCKET: TableBucket = { entries: [], replacements: [] };

export const emptyTable = (rules: TableRules, seed: Seed): NodeTable => ({
  rules,
  buckets: Array.from({ length: BUCKETS }, () => EMPTY_BUCKET),
  seed,
  age: 0,
  checking: new Map(),
});

export function entriesOf({ buckets }: NodeTable): readonly TableEntry[] {
  const all: TableEntry[] = [];
  for (const { entries } of buckets) for (const entry of entries) all.push(entry);
  return all;
}

/** The `count` nodes closest to an id, closest first, whether or not they answered: whom to ask in a lookup. */
export const closest = (table: NodeTable, targetId: string, count: number): readonly Node[] =>
  nodesOf(closestOf(entriesOf(table), targetId, count));

/** Like {@link closest}, of those whose endpoint answered a check: what others are told. */
export const closestLive = (table: NodeTable, targetId: string, count: number): readonly Node[] =>
  nodesOf(
    closestOf(
      entriesOf(table).filter(({ isLive }) => isLive),
      targetId,
      count,
    ),
  );

/** Those whose endpoint answered a check, at this log distance from us, 1 to 256. Reads one bucket. */
export const liveAt = ({ rules, buckets }: NodeTable, distance: number): readonly Node[] =>
  nodesOf(
    (buckets[bucketIndex(distance)] ?? EMPTY_BUCKET).entries.filter(
      ({ id, isLive }) => isLive && logDistance(rules.selfId, id) === distance,
    ),
  );

const nodesOf = (entries: readonly TableEntry[]): readonly Node[] =>
  entries.map(({ node }) => node);

/** Adds a node that we asked for or were told about. A known one is only replaced by a newer record. */
export const addFound = (table: NodeTable, node: Node): NodeTable => added(table, node, 'found');

/** Adds a node that contacted us and whose endpoint is proven: a known one is replaced by what it says of itself. */
export const addInbound = (table: NodeTable, node: Node): NodeTable =>
  added(table, node, 'inbound');

/** A random node of a list is being checked from now on; null when there is none to check. */
export function takeToCheck(
  table: NodeTable,
  list: CheckList,
): { readonly table: NodeTable; readonly node: Node | null } {
  if (table.checking.size >= MAX_CHECKS) return { table, node: null };
  const due = entriesOf(table).filter(
    (entry) => entry.list === list && !table.checking.has(entry.id),
  );
  const { drawn, seed } = draw(due, 1, table.seed);
  const [entry] = drawn;
  if (!entry) return { table, node: null };
  const checking = new Map(table.checking).set(entry.id, entry.node);
  return { table: { ...table, seed, checking }, node: entry.node };
}

/** @param node With its newest record. */
export function checkAnswered(table: NodeTable, id: string, node: Node): NodeTable {
  const { table: rest, checked } = withoutCheck(table, id);
  const entry = entryOf(rest, id);
  // an answer for an endpoint that it left proves nothing
  if (!checked || !entry || !isSameEndpoint(checked, entry.node)) return rest;
  const live = { ...entry, isLive: true, checks: entry.checks + 1, list: 'slow' } as const;
  const next = withEntry(rest, live);
  return node.id === id ? added(next, node, 'found') : next;
}

export function checkFailed(table: NodeTable, id: string): NodeTable {
  const { table: rest, checked } = withoutCheck(table, id);
  const entry = entryOf(rest, id);
  if (!checked || !entry || !isSameEndpoint(checked, entry.node)) return rest;
  const checks = Math.floor(entry.checks / FAILED_CHECK_DIVISOR);
  return checks > 0 ? withEntry(rest, { ...entry, checks, list: 'fast' }) : removed(rest, id);
}

/** The check of a node ended without a result. */
export const checkForgotten = (table: NodeTable, id: string): NodeTable =>
  withoutCheck(table, id).table;

/** The node returned others. */
export function findAnswered(table: NodeTable, id: string): NodeTable {
  const entry = entryOf(table, id);
  return entry && entry.findFailures > 0 ? withEntry(table, { ...entry, findFailures: 0 }) : table;
}

/** The node did not return others: it leaves after `MAX_FIND_FAILURES` in a row, unless its bucket has few entries. */
export function findFailed(table: NodeTable, id: string): NodeTable {
  const entry = entryOf(table, id);
  if (!entry) return table;
  const findFailures = Math.min(entry.findFailures + 1, MAX_FIND_FAILURES);
  const { entries } = bucketOf(table, id);
  if (findFailures >= MAX_FIND_FAILURES && entries.length >= MIN_ENTRIES_TO_DROP)
    return removed(table, id);
  return withEntry(table, { ...entry, findFailures });
}

export const aged = (table: NodeTable): NodeTable => ({ ...table, age: table.age + 1 });

/** The live nodes added at least `minAge` ago that the store does not have in this form. It has them from now on. */
export function takeToStore(
  table: NodeTable,
  minAge: number,
): { readonly table: NodeTable; readonly nodes: readonly Node[] } {
  const isDue = (entry: TableEntry): boolean =>
    entry.isLive && entry.stored !== entry.node && table.age - entry.addedAt >= minAge;
  const nodes = entriesOf(table)
    .filter(isDue)
    .map(({ node }) => node);
  if (nodes.length === 0) return { table, nodes };
  const buckets = table.buckets.map((bucket) =>
    bucket.entries.some(isDue)
      ? {
          ...bucket,
          entries: bucket.entries.map((entry) =>
            isDue(entry) ? { ...entry, stored: entry.node } : entry,
          ),
        }
      : bucket,
  );
  return { table: { ...table, buckets }, nodes };
}

/** The bucket, from 0 to `BUCKETS` - 1, of a log distance. */
export const bucketIndex = (distance: number): number =>
  Math.max(0, distance - FIRST_BUCKET_DISTANCE);

/** The greatest log distance of the nodes of a bucket, which is the only one except of the first. */
export const greatestDistance = (bucket: number): number => FIRST_BUCKET_DISTANCE + bucket;

function added(table: NodeTable, node: Node, how: 'found' | 'inbound'): NodeTable {
  const { rules, age } = table;
  if (node.id === rules.selfId || !isReachable(node) || !rules.isInNetRestrict(node.host))
    return table;
  const known = entryOf(table, node.id);
  if (known) return updated(table, known, node, how);
  const bucket = bucketOf(table, node.id);
  const candidate = { id: node.id, node, networks: rules.networksOf(node.host) };
  const others = bucket.replacements.filter(({ id }) => id !== node.id);
  const isReplacement = others.length < bucket.replacements.length;
  if (bucket.entries.length < BUCKET_SIZE) {
    const without = withBucket(table, node.id, { ...bucket, replacements: others });
    if (!hasRoom(without, candidate)) return table;
    const entries = [...bucket.entries, newEntry(candidate, age)];
    return withBucket(table, node.id, { entries, replacements: others });
  }
  if (isReplacement || !hasRoom(table, candidate)) return table;
  const replacements = [candidate, ...others].slice(0, MAX_REPLACEMENTS);
  return withBucket(table, node.id, { ...bucket, replacements });
}

/** Found nodes need a newer record; a node that contacts us may say anything of itself. */
function updated(
  table: NodeTable,
  known: TableEntry,
  node: Node,
  how: 'found' | 'inbound',
): NodeTable {
  const hasMoved = !isSameEndpoint(known.node, node);
  const isNewer = seqOf(node) > seqOf(known.node);
  // a ping has no record: it says nothing new about a node that is still where its record says
  const isSame = !hasMoved && (node.record === null ? known.node.record !== null : !isNewer);
  if (how === 'found' ? !isNewer : isSame) return table;
  if (!hasMoved) return withEntry(table, { ...known, node });
  const networks = table.rules.networksOf(node.host);
  const isElsewhere = known.node.host !== node.host;
  if (isElsewhere && !hasRoom(withoutEntry(table, known.id), { id: known.id, node, networks }))
    return table;
  return withEntry(table, { ...known, node, networks, isLive: false, list: 'fast' });
}

/** A random replacement takes the place of the entry. */
function removed(table: NodeTable, id: string): NodeTable {
  const { entries, replacements } = bucketOf(table, id);
  const rest = entries.filter((entry) => entry.id !== id);
  const { drawn, seed } = draw(replacements, 1, table.seed);
  const [next] = drawn;
  if (!next) return withBucket(table, id, { entries: rest, replacements });
  return withBucket({ ...table, seed }, id, {
    entries: [...rest, newEntry(next, table.age)],
    replacements: replacements.filter((one) => one !== next),
  });
}

const newEntry = (candidate: Candidate, age: number): TableEntry => ({
  ...candidate,
  isLive: false,
  checks: 0,
  list: 'fast',
  findFailures: 0,
  addedAt: age,
  stored: null,
});

/** Whether the networks of a node have room for one more, in its bucket and in the table. */
function hasRoom(table: NodeTable, { id, networks }: Candidate): boolean {
  if (networks === null) return true;
  const here = bucketOf(table, id);
  let inBucket = 0;
  let inTable = 0;
  for (const bucket of table.buckets)
    for (const list of [bucket.entries, bucket.replacements])
      for (const other of list) {
        if (other.networks === null) continue;
        if (other.networks.table === networks.table) inTable += 1;
        if (bucket === here && other.networks.bucket === networks.bucket) inBucket += 1;
      }
  return inBucket < MAX_PER_NETWORK_IN_BUCKET && inTable < MAX_PER_NETWORK;
}

const indexOf = ({ rules }: NodeTable, id: string): number =>
  bucketIndex(logDistance(rules.selfId, id));

const bucketOf = (table: NodeTable, id: string): TableBucket =>
  table.buckets[indexOf(table, id)] ?? EMPTY_BUCKET;

const entryOf = (table: NodeTable, id: string): TableEntry | undefined =>
  bucketOf(table, id).entries.find((entry) => entry.id === id);

const withBucket = (table: NodeTable, id: string, bucket: TableBucket): NodeTable => ({
  ...table,
  buckets: table.buckets.with(indexOf(table, id), bucket),
});

function withEntry(table: NodeTable, entry: TableEntry): NodeTable {
  const bucket = bucketOf(table, entry.id);
  const entries = bucket.entries.map((one) => (one.id === entry.id ? entry : one));
  return withBucket(table, entry.id, { ...bucket, entries });
}

function withoutEntry(table: NodeTable, id: string): NodeTable {
  const bucket = bucketOf(table, id);
  return withBucket(table, id, {
    ...bucket,
    entries: bucket.entries.filter((entry) => entry.id !== id),
  });
}

function withoutCheck(
  table: NodeTable,
  id: string,
): { readonly table: NodeTable; readonly checked: Node | undefined } {
  const checked = table.checking.get(id);
  if (!checked) return { table, checked };
  const checking = new Map(table.checking);
  checking.delete(id);
  return { table: { ...table, checking }, checked };
}

/** Has an address and a port for packets of discovery. */
const isReachable = ({ hostKind, udpPort }: Node): boolean =>
  (hostKind === 'ipv4' || hostKind === 'ipv6') && udpPort > 0;

const isSameEndpoint = (a: Node, b: Node): boolean => a.host === b.host && a.udpPort === b.udpPort;

/** 0 without a record, as in go-ethereum. */
const seqOf = ({ record }: Node): number => record?.seq ?? 0;
