/** Checks the invariants of discovery of one server, from its inspection events: its tables, lookups and record. */
import type { AnyActorRef, EventObject, SnapshotFrom } from 'xstate';

import type { NodeRecord } from '../../io/crypto/node-record.ts';
import { tableNetworksOf } from '../../io/wire/ip-address.ts';
import { logDistance } from '../../machines/discovery/distance.ts';
import type { localNodeMachine } from '../../machines/discovery/local-node.ts';
import { bucketIndex, type NodeTable } from '../../machines/discovery/table.ts';
import type { tableMaintenanceMachine } from '../../machines/discovery/table-maintenance.ts';
import type { InvariantNumber } from './invariants.ts';

/** Written again here: a mistake in the machines must not be repeated by what checks them. */
const MAX_ENTRIES = 16;
const MAX_REPLACEMENTS = 10;
const MAX_OF_NETWORK_IN_BUCKET = 2;
const MAX_OF_NETWORK = 10;
const MAX_ASKED_AT_ONCE = 3;

/** Actors of the server machine with a table. */
const TABLES: ReadonlySet<string> = new Set(['discovery', 'discoveryV5']);

type TableSnapshot = SnapshotFrom<typeof tableMaintenanceMachine>;
type LocalNodeSnapshot = SnapshotFrom<typeof localNodeMachine>;
type OnViolated = (invariant: InvariantNumber, actor: string, detail: string) => void;

/** Nodes that a lookup has asked, and those of them that have not answered. */
type Asked = { readonly all: Set<string>; readonly open: Set<string> };

export class DiscoveryInvariants {
  readonly #onViolated: OnViolated;
  /** As they were last checked, by the id of their actor. */
  readonly #tables = new Map<string, NodeTable>();
  readonly #lookups = new WeakMap<AnyActorRef, Asked>();
  /** The networks of each address. */
  readonly #networks = new Map<string, ReturnType<typeof tableNetworksOf>>();
  #record: NodeRecord | null = null;

  constructor(onViolated: OnViolated) {
    this.#onViolated = onViolated;
  }

  /** An actor sent an event to another one. Invariant 14. */
  onSent(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void {
    if (target.id !== 'asker' || event.type !== 'ask' || !source) return;
    const { id } = (event as Ask).node;
    const asked = this.#lookups.get(source) ?? { all: new Set(), open: new Set() };
    this.#lookups.set(source, asked);
    if (asked.all.has(id)) this.#onViolated(14, source.id, `${shortId(id)} is asked twice`);
    asked.all.add(id);
    asked.open.add(id);
    if (asked.open.size > MAX_ASKED_AT_ONCE)
      this.#onViolated(14, source.id, `${asked.open.size} nodes are asked at once`);
  }

  /** An actor has processed an event; what it sends is not sent yet. */
  onProcessed(actor: AnyActorRef, event: EventObject, snapshot: unknown): void {
    if (TABLES.has(actor.id)) this.#onTable(actor.id, (snapshot as TableSnapshot).context.table);
    else if (actor.id === 'localNode')
      this.#onRecord((snapshot as LocalNodeSnapshot).context.record);
    else if (ANSWERS.has(event.type)) this.#lookups.get(actor)?.open.delete((event as Answer).id);
  }

  /** Invariant 13. */
  #onTable(actor: string, table: NodeTable): void {
    if (this.#tables.get(actor)?.buckets === table.buckets) return;
    this.#tables.set(actor, table);
    const { rules, buckets } = table;
    const fail = (detail: string): void => this.#onViolated(13, actor, detail);
    const ids = new Set<string>([rules.selfId]);
    const all = new Map<string, number>();
    buckets.forEach(({ entries, replacements }, index) => {
      if (entries.length > MAX_ENTRIES) fail(`${entries.length} entries in a bucket`);
      if (replacements.length > MAX_REPLACEMENTS) fail(`${replacements.length} replacements`);
      const here = new Map<string, number>();
      for (const { id, node } of [...entries, ...replacements]) {
        if (ids.has(id)) fail(`${shortId(id)} is in it twice, or is the node itself`);
        ids.add(id);
        if (bucketIndex(logDistance(rules.selfId, id)) !== index)
          fail(`${shortId(id)} is in bucket ${index}, which is not its own`);
        if (!rules.isInNetRestrict(node.host)) fail(`${node.host} is outside of NetRestrict`);
        const networks = this.#networksOf(node.host);
        if (!networks) continue;
        if (count(here, networks.bucket) > MAX_OF_NETWORK_IN_BUCKET)
          fail(`more than ${MAX_OF_NETWORK_IN_BUCKET} nodes of ${networks.bucket} in a bucket`);
        if (count(all, networks.table) > MAX_OF_NETWORK)
          fail(`more than ${MAX_OF_NETWORK} nodes of ${networks.table}`);
      }
    });
  }

  /** Invariant 15. */
  #onRecord(record: NodeRecord | null): void {
    const before = this.#record;
    if (!record || record === before) return;
    this.#record = record;
    if (before && record.seq <= before.seq)
      this.#onViolated(15, 'localNode', `record ${record.seq} follows ${before.seq}`);
  }

  #networksOf(host: string): ReturnType<typeof tableNetworksOf> {
    let networks = this.#networks.get(host);
    if (networks === undefined) {
      networks = tableNetworksOf(host);
      this.#networks.set(host, networks);
    }
    return networks;
  }
}

/** What ends the wait of a lookup for one node. */
const ANSWERS: ReadonlySet<string> = new Set(['answered', 'askFailed', 'ask.overdue']);

type Ask = EventObject & { readonly node: { readonly id: string } };
type Answer = EventObject & { readonly id: string };

function count(counts: Map<string, number>, key: string): number {
  const next = (counts.get(key) ?? 0) + 1;
  counts.set(key, next);
  return next;
}

const shortId = (id: string): string => id.slice(0, 8);
