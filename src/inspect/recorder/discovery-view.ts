/** The table and the packets of discovery, read from the snapshot of its machine and the counts of its socket. */
import { explainDiscovery } from '../../explain/discovery-status.ts';
import type { Discv4Stats } from '../../io/discovery/discv4.ts';
import type { Discv5Stats } from '../../io/discovery/discv5-counts.ts';
import { MAX_HANDSHAKES, MAX_SESSIONS } from '../../io/discovery/discv5-sessions.ts';
import { MAX_PROVEN } from '../../io/discovery/endpoint-proofs.ts';
import { MAX_REQUESTS } from '../../io/discovery/request-matcher.ts';
import { MAX_SOURCES } from '../../io/discovery/source-budgets.ts';
import { MAX_TALKS } from '../../io/discovery/talk-handlers.ts';
import { greatestDistance, type NodeTable } from '../../machines/discovery/table.ts';
import { discoveryFacts, type TableSnapshot } from '../../server/discovery-facts.ts';
import type { DiscoverySource } from '../../server/observation.ts';
import type { BucketView, DiscoveryView, PacketsView } from '../discovery-protocol.ts';
import { nodeRow } from './projection.ts';

export function discoveryView(snapshot: TableSnapshot, source: DiscoverySource): DiscoveryView {
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

function packetsView(stats: Discv4Stats | Discv5Stats): PacketsView {
  const { receivedDatagrams, receivedBytes, sentBytes, unsent, refused } = stats;
  const received: Readonly<Record<string, number>> = stats.received;
  const sent: Readonly<Record<string, number>> = stats.sent;
  return {
    datagramsIn: receivedDatagrams,
    bytesIn: receivedBytes,
    bytesOut: sentBytes,
    unsent,
    byType: Object.keys(received).map((packet) => ({
      packet,
      received: received[packet]!,
      sent: sent[packet]!,
    })),
    refused: Object.entries(refused)
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count),
    budgets: [
      { budget: 'requests', used: stats.requests, of: MAX_REQUESTS },
      ...('proofs' in stats
        ? [{ budget: 'proofs', used: stats.proofs, of: MAX_PROVEN }]
        : [
            { budget: 'sessions', used: stats.sessions, of: MAX_SESSIONS },
            { budget: 'handshakes', used: stats.handshakes, of: MAX_HANDSHAKES },
            { budget: 'talks', used: stats.talks, of: MAX_TALKS },
          ]),
      { budget: 'sources', used: stats.sources, of: MAX_SOURCES },
    ],
  };
}
