/**
 * Forms of the events of discovery. See `form.ts`. Lookups decide by the distances of ids, which pseudonyms do not
 * keep: in a masked recording their actors are not replayed.
 */

import type { ProofTarget } from '../../io/adapters/endpoint-prober.ts';
import type { Node } from '../../io/crypto/node.ts';
import type { NodeRecord } from '../../io/crypto/node-record.ts';
import type { PublicKey } from '../../io/crypto/primitives.ts';
import type { SessionTarget } from '../../io/discovery/discv5-sessions.ts';
import { tableNetworksOf } from '../../io/wire/ip-address.ts';
import type {
  BootnodeNameEvent,
  BootnodeNameInput,
} from '../../machines/discovery/bootnode-name.ts';
import type {
  Discv5SessionEvent,
  Discv5SessionInput,
} from '../../machines/discovery/discv5-session.ts';
import type { DnsTreeEvent, DnsTreeInput } from '../../machines/discovery/dns-tree.ts';
import type { PerFamily } from '../../machines/discovery/endpoint-claims.ts';
import type {
  EndpointProofEvent,
  EndpointProofInput,
} from '../../machines/discovery/endpoint-proof.ts';
import type {
  EndpointStatement,
  LocalNodeEvent,
  LocalNodeInput,
} from '../../machines/discovery/local-node.ts';
import type { LookupEvent, LookupInput } from '../../machines/discovery/lookup.ts';
import type {
  PortMapperEvent,
  PortMapperInput,
  PortMapperReport,
} from '../../machines/discovery/port-mapper.ts';
import type { TableRules } from '../../machines/discovery/table.ts';
import type {
  DiscoveryVersionName,
  TableMaintenanceEvent,
  TableMaintenanceInput,
  TableMaintenanceReport,
} from '../../machines/discovery/table-maintenance.ts';
import type { LookupFinding } from '../../machines/server/server-events.ts';
import { hostRule } from './dial-event-forms.ts';
import {
  type Cases,
  endpoint,
  type Fields,
  type Form,
  handle,
  host,
  list,
  network,
  nodeId,
  nullable,
  number,
  optional,
  publicKey,
  record,
  text,
  word,
} from './form.ts';
import { NO_MASK } from './mask.ts';

/** An id that is measured. */
const measuredId: Form<string> = {
  write: (value, writing) => {
    if (writing.mask !== NO_MASK) writing.markIncomplete();
    return nodeId.write(value, writing);
  },
  read: nodeId.read,
};

/** The number of a record, often a time of day in ms: it would name the node, so a mask makes it 0. */
const recordSeq: Form<number> = {
  write: (value, writing) => number.write(writing.mask === NO_MASK ? value : 0, writing),
  read: number.read,
};

/** Charts read no more of a node than this; its key and its record are not needed for a replay. */
type WrittenNode = Pick<Node, 'id' | 'host' | 'hostKind' | 'udpPort' | 'tcpPort'> & {
  readonly seq: number | null;
};

const writtenNode: Form<WrittenNode> = record<WrittenNode>({
  id: nodeId,
  host,
  hostKind: word(),
  udpPort: number,
  tcpPort: number,
  seq: nullable(recordSeq),
});

const NO_KEY = new Uint8Array() as PublicKey;

const node: Form<Node> = {
  write: (value, writing) =>
    writtenNode.write({ ...value, seq: value.record?.seq ?? null }, writing),
  read: (json, reading) => {
    const { seq, ...rest } = writtenNode.read(json, reading);
    const read = seq === null ? null : ({ id: rest.id, seq } as NodeRecord);
    return { ...rest, publicKey: NO_KEY, record: read, text: rest.id };
  },
};

export const bootnodeNameInput: Form<BootnodeNameInput> = record<BootnodeNameInput>({ host });

export const BOOTNODE_NAME: Cases<BootnodeNameEvent> = {
  'host.found': { address: host, others: optional(list(host)) },
  'host.notFound': { detail: text },
  'host.lookupFailed': { detail: text },
  stop: {},
};

export const discv5SessionInput: Form<Discv5SessionInput> = record<Discv5SessionInput>({
  target: record<SessionTarget>({ id: nodeId, endpoint, role: word(), number }),
  cause: word(),
});

export const DISCV5_SESSION: Cases<Discv5SessionEvent> = {
  'whoareyou.received': {},
  'handshake.sent': {},
  'message.opened': {},
  'request.timedOut': {},
  'request.cancelled': {},
  'handshake.received': {},
  'handshake.valid': {},
  'handshake.invalid': { fault: word() },
  'session.unneeded': {},
  'session.faulted': {},
  'session.replaced': {},
  'session.evicted': {},
  'session.gone': {},
  stop: {},
};

/** A mask makes the URL of a list a pseudonym as a whole: its key and its domain name the network. */
export const dnsTreeInput: Form<DnsTreeInput> = record<DnsTreeInput>({ url: network });

export const DNS_TREE: Cases<DnsTreeEvent> = {
  'node.wanted': {},
  'root.read': { seq: recordSeq, remaining: number },
  'root.failed': { why: word() },
  'entry.read': { kind: word(), remaining: number, nodes: number },
  'entry.failed': { why: word(), remaining: number, nodes: number },
  'root.outdated': {},
  stop: {},
};

export const endpointProofInput: Form<EndpointProofInput> = record<EndpointProofInput>({
  target: record<ProofTarget>({ id: nodeId, host, udpPort: number }),
});

export const ENDPOINT_PROOF: Cases<EndpointProofEvent> = {
  'ping.sent': {},
  'ping.refused': { why: word() },
  'ping.timedOut': {},
  'pong.received': { rttMs: number, seq: nullable(recordSeq) },
  'theirPing.received': {},
  stop: {},
};

export const lookupInput: Form<LookupInput> = record<LookupInput>({
  targetId: measuredId,
  selfId: nodeId,
  seeds: list(node),
});

export const LOOKUP: Cases<LookupEvent> = {
  answered: { id: nodeId, nodes: list(node) },
  askFailed: { id: nodeId },
  'ask.overdue': { id: nodeId },
  stop: {},
};

const tableInputWith = (selfId: Form<string>): Form<TableMaintenanceInput> =>
  record<TableMaintenanceInput>({
    version: word(),
    rules: record<TableRules>({
      selfId,
      isInNetRestrict: hostRule('isInNetRestrict'),
      networksOf: handle<TableRules['networksOf']>('networksOf', tableNetworksOf),
    }),
    publicKey,
    bootnodes: list(node),
    seed: number,
  });

export const tableInput = tableInputWith(measuredId);

/** As the server has it, which passes it on. */
export const passedTableInput = tableInputWith(nodeId);

const findings = { nodes: list(node), answered: list(nodeId), failed: list(nodeId) };

const FINDINGS = {
  'lookup.ended': { lookupId: number, ...findings },
  'nodes.found': findings,
  'bootnodes.found': { nodes: list(node) },
  'refresh.wanted': {},
};

const version = word<DiscoveryVersionName>();

/** What the server passes on to the table of this version. */
export const VERSIONED_FINDINGS: Cases<LookupFinding> = {
  'lookup.ended': { version, ...FINDINGS['lookup.ended'] },
  'nodes.found': { version, ...FINDINGS['nodes.found'] },
  'bootnodes.found': { version, ...FINDINGS['bootnodes.found'] },
  'refresh.wanted': { version },
};

/** What the table reports to the server. */
export const TABLE_REPORTS: Cases<TableMaintenanceReport> = {
  'discovery.ready': { version, address: endpoint },
  'discovery.failed': { version, message: text },
  'discovery.lost': { version, message: text, retryInMs: nullable(number) },
  'discovery.restored': { version },
  'lookup.wanted': { version, lookupId: number, target: nullable(publicKey) },
};

export const TABLE_MAINTENANCE: Cases<TableMaintenanceEvent> = {
  'network.bound': { address: endpoint },
  'network.failed': { message: text },
  'network.lost': { message: text, retryInMs: nullable(number) },
  'network.restored': {},
  'network.closed': {},
  'check.answered': { id: nodeId, node },
  'check.failed': { id: nodeId },
  'check.overdue': { id: nodeId },
  'store.due': {},
  'node.proven': { node },
  'seeds.found': { nodes: list(node) },
  'seeds.failed': { message: text },
  'nodes.saved': {},
  ...FINDINGS,
  close: {},
};

const hosts = record<PerFamily<string | null>>({ ipv4: nullable(host), ipv6: nullable(host) });

export const localNodeInput: Form<LocalNodeInput> = record<LocalNodeInput>({
  externalHosts: hosts,
  fallbackHosts: hosts,
});

/** The chart reads no more of a record than its number. */
const ownRecord: Form<NodeRecord> = {
  write: ({ seq }, writing) => recordSeq.write(seq, writing),
  read: (json, reading) => ({ seq: recordSeq.read(json, reading) }) as NodeRecord,
};

export const STATEMENT: Fields<EndpointStatement> = {
  family: word(),
  voter: network,
  endpoint,
  at: number,
};

/** What the port mapper reports for our record. */
const MAPPER_FACTS = {
  'external.changed': { hosts },
  'port.mapped': { protocol: word<'tcp' | 'udp'>(), port: nullable(number) },
};

export const MAPPER_REPORTS: Cases<PortMapperReport> = {
  ...MAPPER_FACTS,
  'gateway.faulted': { message: text },
};

export const LOCAL_NODE: Cases<LocalNodeEvent> = {
  'key.ready': {},
  'key.failed': { message: text },
  'record.signed': { record: ownRecord },
  'record.kept': { record: ownRecord },
  'record.failed': { message: text },
  'store.opened': { nextSeq: recordSeq },
  'store.faulted': { message: text },
  'store.closed': {},
  'endpoint.stated': STATEMENT,
  'tcp.bound': { port: number },
  'udp.bound': { port: number },
  ...MAPPER_FACTS,
  'record.wanted': {},
  close: {},
};

export const portMapperInput: Form<PortMapperInput> = record<PortMapperInput>({ mechanism: text });

export const PORT_MAPPER: Cases<PortMapperEvent> = {
  'gateway.found': { name: text, host: nullable(host) },
  'gateway.notFound': { message: text },
  'address.found': { hosts },
  'address.notPublic': { host },
  'address.failed': { message: text },
  'address.changed': {},
  'map.done': { protocol: word(), port: number, externalPort: number },
  'map.notSupported': { protocol: word() },
  'map.loopback': { protocol: word() },
  'map.failed': { protocol: word(), message: text },
  'unmap.ended': { protocol: word() },
  'port.bound': { protocol: word(), address: endpoint },
  close: {},
};
