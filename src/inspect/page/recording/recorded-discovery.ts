/** The rows of discovery in an untrusted recording, checked field by field. */
import type {
  BucketView,
  ClaimView,
  DiscoveryView,
  DnsTreeRow,
  LookupRow,
  MapperRow,
  PacketsView,
  TableEntryView,
  TableNode,
} from '../../discovery-protocol.ts';
import { among, amount, type Fields, fields, words } from './recorded-values.ts';

/** Longest lists that are kept: those of our writer are no longer. */
const MAX_BUCKETS = 17;
const MAX_NODES = 16;
const MAX_PATH = 64;
const MAX_KINDS = 32;
const MAX_MAPPINGS = 2;

/** The fields that are present. */
export function recordedDiscovery(row: Fields): object {
  const discovery = fields(row['discovery']);
  return {
    ...('discovers' in row ? { discovers: row['discovers'] === true } : {}),
    ...(discovery ? { discovery: viewOf(discovery) } : {}),
    ...('target' in row ? lookupOf(row) : {}),
    ...('listUrl' in row ? listOf(row) : {}),
    ...('mechanism' in row ? mapperOf(row) : {}),
    ...('record' in row
      ? {
          seq: amount(row['seq']),
          record: words(row['record']),
          ipv4: claimOf(row['ipv4']),
          ipv6: claimOf(row['ipv6']),
        }
      : {}),
  };
}

function viewOf(view: Fields): DiscoveryView {
  const status = fields(view['status']) ?? {};
  const pauses = fields(view['pauses']) ?? {};
  const { tone } = status;
  return {
    status: {
      tone: isTone(tone) ? tone : 'waiting',
      sentence: words(status['sentence']),
      remedy: words(status['remedy']),
    },
    buckets: each(view['buckets'], MAX_BUCKETS, bucketOf),
    refreshes: amount(view['refreshes']),
    unanswered: amount(view['unanswered']),
    lookupsLeft: amount(view['lookupsLeft']),
    pauses: {
      refresh: amount(pauses['refresh']),
      fast: amount(pauses['fast']),
      slow: amount(pauses['slow']),
    },
    packets: packetsOf(fields(view['packets'])),
  };
}

const bucketOf = (bucket: Fields): BucketView => ({
  distance: amount(bucket['distance']),
  entries: each(
    bucket['entries'],
    MAX_NODES,
    (entry): TableEntryView => ({
      ...nodeOf(entry),
      isLive: entry['isLive'] === true,
      checks: amount(entry['checks']),
      list: entry['list'] === 'slow' ? 'slow' : 'fast',
      isChecked: entry['isChecked'] === true,
    }),
  ),
  replacements: each(bucket['replacements'], MAX_NODES, nodeOf),
});

const nodeOf = (node: Fields): TableNode => ({
  id: words(node['id']),
  remote: words(node['remote']),
});

function packetsOf(packets: Fields | null): PacketsView | null {
  if (!packets) return null;
  return {
    datagramsIn: amount(packets['datagramsIn']),
    bytesIn: amount(packets['bytesIn']),
    bytesOut: amount(packets['bytesOut']),
    unsent: amount(packets['unsent']),
    byType: each(packets['byType'], MAX_KINDS, (type) => ({
      packet: words(type['packet']),
      received: amount(type['received']),
      sent: amount(type['sent']),
    })),
    refused: each(packets['refused'], MAX_KINDS, (refused) => ({
      reason: words(refused['reason']),
      count: amount(refused['count']),
    })),
    budgets: each(packets['budgets'], MAX_KINDS, (budget) => ({
      budget: words(budget['budget']),
      used: amount(budget['used']),
      of: amount(budget['of']),
    })),
  };
}

function lookupOf(row: Fields): LookupRow {
  return {
    target: words(row['target']),
    path: each(row['path'], MAX_PATH, (asked) => {
      const { answer } = asked;
      return { ...nodeOf(asked), answer: isAnswer(answer) ? answer : 'nothing' };
    }),
    found: amount(row['found']),
  };
}

const listOf = (row: Fields): DnsTreeRow => ({
  listUrl: words(row['listUrl']),
  rootSeq: row['rootSeq'] === null ? null : amount(row['rootSeq']),
  nodes: amount(row['nodes']),
  unread: amount(row['unread']),
  lastFailure: row['lastFailure'] === null ? null : words(row['lastFailure']),
});

const mapperOf = (row: Fields): MapperRow => ({
  mechanism: words(row['mechanism']),
  gateway: words(row['gateway']),
  external: words(row['external']),
  mappings: each(row['mappings'], MAX_MAPPINGS, (mapping) => ({
    protocol: mapping['protocol'] === 'udp' ? 'udp' : 'tcp',
    port: amount(mapping['port']),
    externalPort: amount(mapping['externalPort']),
    failures: amount(mapping['failures']),
  })),
  fault: words(row['fault']),
});

function claimOf(value: unknown): ClaimView | null {
  const claim = fields(value);
  const why = claim?.['why'];
  return claim && isWhy(why) ? { why, remote: words(claim['remote']) } : null;
}

const isTone = among<DiscoveryView['status']['tone']>('good', 'waiting', 'bad');
const isAnswer = among<LookupRow['path'][number]['answer']>('none yet', 'nodes', 'nothing');
const isWhy = among<ClaimView['why']>('static', 'gateway', 'predicted', 'fallback');

/** Items that are no objects are left out. */
const each = <Item>(value: unknown, most: number, read: (item: Fields) => Item): readonly Item[] =>
  Array.isArray(value)
    ? value.slice(0, most).flatMap((item) => {
        const known = fields(item);
        return known ? [read(known)] : [];
      })
    : [];
