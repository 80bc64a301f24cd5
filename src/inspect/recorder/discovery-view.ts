/** The table and the packets of discovery, read from the snapshot of its machine and the counts of its socket. */
import type { SnapshotFrom } from 'xstate';
import { explainDiscovery } from '../../explain/discovery-status.ts';
import type { Discv4Stats } from '../../io/discovery/discv4.ts';
import { MAX_PROVEN } from '../../io/discovery/endpoint-proofs.ts';
import { MAX_REQUESTS } from '../../io/discovery/request-matcher.ts';
import { MAX_SOURCES } from '../../io/discovery/source-budgets.ts';
import { DISCV4_TYPES, type Discv4Message } from '../../io/wire/discv4-message.ts';
import { greatestDistance, type NodeTable } from '../../machines/discovery/table.ts';
import type { tableMaintenanceMachine } from '../../machines/discovery/table-maintenance.ts';
import { discoveryFacts } from '../../server/discovery-facts.ts';
import type { BucketView, DiscoveryView, PacketsView } from '../discovery-protocol.ts';
import { nodeRow } from './projection.ts';

export type DiscoverySource = {
  /** How many bootnodes were given. */
  readonly bootnodes: number;
  /** Null without a socket. */
  readonly stats: Discv4Stats | null;
};

type Snapshot = Pick<SnapshotFrom<typeof tableMaintenanceMachine>, 'value' | 'context'>;

export function discoveryView(snapshot: Snapshot, source: DiscoverySource): DiscoveryView {
  const { table, refreshes, unanswered, lookupsLeft, pauses } = snapshot.context;
  const { refresh, fast, slow } = pauses;
  return {
    status: explainDiscovery(discoveryFacts(snapshot, source)),
    buckets: bucketsOf(table),
    ...{ refreshes, unanswered, lookupsLeft },
    pauses: { refresh, fast, slow },
    packets: source.stats && packetsView(source.stats),
  };
}

const bucketsOf = ({ buckets, checking }: NodeTable): readonly BucketView[] =>
  buckets.map(({ entries, replacements }, place) => ({
    distance: greatestDistance(place),
    entries: entries.map(({ node, isLive, checks, list }) => ({
      ...nodeRow(node),
      ...{ isLive, checks, list },
      isChecked: checking.has(node.id),
    })),
    replacements: replacements.map(({ node }) => nodeRow(node)),
  }));

function packetsView(stats: Discv4Stats): PacketsView {
  const { receivedDatagrams, receivedBytes, sentBytes, unsent, received, sent, refused } = stats;
  const types = Object.keys(DISCV4_TYPES) as Discv4Message['type'][];
  return {
    datagramsIn: receivedDatagrams,
    bytesIn: receivedBytes,
    bytesOut: sentBytes,
    unsent,
    byType: types.map((packet) => ({ packet, received: received[packet], sent: sent[packet] })),
    refused: Object.entries(refused)
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count),
    budgets: [
      { budget: 'requests', used: stats.requests, of: MAX_REQUESTS },
      { budget: 'proofs', used: stats.proofs, of: MAX_PROVEN },
      { budget: 'sources', used: stats.sources, of: MAX_SOURCES },
    ],
  };
}
