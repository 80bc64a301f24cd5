/** What is said about discovery in one sentence, read from the snapshot of its machine and the counts of its socket. */
import type { SnapshotFrom } from 'xstate';
import { statePath } from '../actors/state-path.ts';
import type { DiscoveryFacts } from '../explain/discovery-status.ts';
import type { Discv4Stats } from '../io/discovery/discv4.ts';
import type { PacketStats } from '../io/discovery/packet-counts.ts';
import { printable } from '../io/wire/printable.ts';
import { entriesOf } from '../machines/discovery/table.ts';
import type { tableMaintenanceMachine } from '../machines/discovery/table-maintenance.ts';

/** Longest text of an error that is shown, in UTF-16 units. */
const MAX_FAULT_CHARS = 200;

type DiscoverySource = {
  /** How many bootnodes were given. */
  readonly bootnodes: number;
  /** Null without a socket. */
  readonly stats:
    | (Pick<PacketStats<string, string>, 'sent' | 'receivedDatagrams'> &
        Partial<Pick<Discv4Stats, 'clockBehindMs'>>)
    | null;
};

export type TableSnapshot = Pick<SnapshotFrom<typeof tableMaintenanceMachine>, 'value' | 'context'>;

export function discoveryFacts(
  { value, context }: TableSnapshot,
  { bootnodes, stats }: DiscoverySource,
): DiscoveryFacts {
  const { table, refreshes, unanswered, fault } = context;
  const entries = entriesOf(table);
  const live = entries.filter(({ isLive }) => isLive);
  const known = new Set(context.bootnodes.map(({ id }) => id));
  return {
    state: statePath(value),
    fault: printable(fault, MAX_FAULT_CHARS),
    bootnodes,
    knownBootnodes: known.size,
    excludedBootnodes: context.bootnodes.filter(({ host }) => !table.rules.isInNetRestrict(host))
      .length,
    nodes: entries.length,
    live: live.length,
    liveOthers: live.filter(({ id }) => !known.has(id)).length,
    ...{ refreshes, unanswered },
    traffic: stats && { sent: sum(Object.values(stats.sent)), received: stats.receivedDatagrams },
    clockBehindMs: stats?.clockBehindMs ?? null,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
