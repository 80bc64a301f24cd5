/**
 * What is shown of an actor besides its state: for each machine, the fields of its context that may leave it. The rest
 * of the inspector reads no context of these machines. Foreign text is escaped and cut here.
 */
import type { AnyMachineSnapshot, AnyStateMachine, ContextFrom } from 'xstate';

import type { EndpointClaim } from '../../io/crypto/local-record.ts';
import type { Node } from '../../io/crypto/node.ts';
import { formatEndpoint } from '../../io/wire/endpoint.ts';
import { formatRecord } from '../../io/wire/enr.ts';
import type { Capability } from '../../io/wire/hello.ts';
import { printable } from '../../io/wire/printable.ts';
import { labelOf } from '../../machines/connection/capability-match.ts';
import type { connectionSetupMachine } from '../../machines/connection/connection-setup.ts';
import type { dialTaskMachine } from '../../machines/dialing/dial-task.ts';
import type { discv5SessionMachine } from '../../machines/discovery/discv5-session.ts';
import type { dnsTreeMachine } from '../../machines/discovery/dns-tree.ts';
import { claimsOf } from '../../machines/discovery/endpoint-claims.ts';
import type { endpointProofMachine } from '../../machines/discovery/endpoint-proof.ts';
import type { localNodeMachine } from '../../machines/discovery/local-node.ts';
import type { lookupMachine } from '../../machines/discovery/lookup.ts';
import { PROTOCOLS, type portMapperMachine } from '../../machines/discovery/port-mapper.ts';
import type { peerMachine } from '../../machines/peer/peer.ts';
import type { serverMachine } from '../../machines/server/server.ts';
import type {
  ClaimView,
  DnsTreeRow,
  LocalNodeRow,
  LookupRow,
  MapperRow,
  ServerRow,
  TableNode,
} from '../discovery-protocol.ts';
import type { DialRow, PeerRow, Row, SetupRow } from '../protocol.ts';

/** Longest name of a client, in UTF-16 units. Ours: Hello allows more. */
const MAX_CLIENT_CHARS = 128;

/** Longest `host:port`, in UTF-16 units: names of hosts come from enode URLs. */
const MAX_REMOTE_CHARS = 128;

/** Longest `enrtree://` URL, in UTF-16 units: scheme, key, and a domain of 200. */
const MAX_URL_CHARS = 272;

/** Longest text of an error, in UTF-16 units. */
const MAX_FAULT_CHARS = 200;

/** Capabilities that are shown of one node, and how long each may be, in UTF-16 units. Ours. */
const MAX_SHOWN_CAPABILITIES = 32;
const MAX_CAPABILITY_CHARS = 32;

export function rowOf({ id }: AnyStateMachine, { context }: AnyMachineSnapshot): Row | null {
  switch (id) {
    case 'connection-setup':
      return setupRow(context as ContextFrom<typeof connectionSetupMachine>);
    case 'dial-task':
      return dialRow(context as ContextFrom<typeof dialTaskMachine>);
    case 'peer':
      return peerRow(context as ContextFrom<typeof peerMachine>);
    case 'server':
      return serverRow(context as ContextFrom<typeof serverMachine>);
    case 'endpoint-proof':
      return nodeRow((context as ContextFrom<typeof endpointProofMachine>).target);
    case 'dns-tree':
      return dnsTreeRow(context as ContextFrom<typeof dnsTreeMachine>);
    case 'discv5-session':
      return sessionRow(context as ContextFrom<typeof discv5SessionMachine>);
    case 'local-node':
      return localNodeRow(context as ContextFrom<typeof localNodeMachine>);
    case 'port-mapper':
      return mapperRow(context as ContextFrom<typeof portMapperMachine>);
    case 'lookup':
      return lookupRow(context as ContextFrom<typeof lookupMachine>);
    default:
      return null;
  }
}

/** `host:port`, to be shown. */
export const remoteOf = (endpoint: Parameters<typeof formatEndpoint>[0]): string =>
  printable(formatEndpoint(endpoint), MAX_REMOTE_CHARS);

/** The client name a remote node sent, to be shown. */
export const clientOf = (client: string): string => printable(client, MAX_CLIENT_CHARS);

/** Such as `eth/69`. */
export const capabilitiesOf = (capabilities: readonly Capability[]): readonly string[] =>
  capabilities
    .slice(0, MAX_SHOWN_CAPABILITIES)
    .map((capability) => printable(labelOf(capability), MAX_CAPABILITY_CHARS));

function setupRow({
  direction,
  remote,
  slot,
  identity: { id = '', hello },
}: ContextFrom<typeof connectionSetupMachine>): SetupRow {
  return {
    direction,
    remote: remoteOf(remote),
    slot,
    id,
    client: clientOf(hello?.client ?? ''),
    capabilities: capabilitiesOf(hello?.capabilities ?? []),
  };
}

const dialRow = ({ direction, target, address }: ContextFrom<typeof dialTaskMachine>): DialRow => ({
  direction,
  id: target.id,
  remote: remoteOf(address),
});

const peerRow = ({ runs }: ContextFrom<typeof peerMachine>): PeerRow => ({
  protocols: runs.slice(0, MAX_SHOWN_CAPABILITIES).map(({ protocol }) => protocol),
});

const serverRow = ({ input }: ContextFrom<typeof serverMachine>): ServerRow => ({
  discovers: input.discovery !== null || input.discoveryV5 !== null,
});

const sessionRow = ({
  target: { id, endpoint },
}: ContextFrom<typeof discv5SessionMachine>): TableNode => ({ id, remote: remoteOf(endpoint) });

const dnsTreeRow = ({
  url,
  seq,
  nodes,
  remaining,
  lastFailure,
}: ContextFrom<typeof dnsTreeMachine>): DnsTreeRow => ({
  listUrl: printable(url, MAX_URL_CHARS),
  ...{ rootSeq: seq, nodes, unread: remaining, lastFailure },
});

/** A node at its UDP address. */
export const nodeRow = ({
  id,
  host,
  udpPort,
}: Pick<Node, 'id' | 'host' | 'udpPort'>): TableNode => ({
  id,
  remote: remoteOf({ host, port: udpPort }),
});

function lookupRow({ search }: ContextFrom<typeof lookupMachine>): LookupRow {
  const { targetId, found, asked, pending } = search;
  const answered = new Set(search.answered);
  const nodes = new Map(found.map((node) => [node.id, node]));
  return {
    target: targetId,
    path: [...asked].flatMap((id) => {
      const node = nodes.get(id);
      if (!node) return [];
      const answer = pending.has(id) ? 'none yet' : answered.has(id) ? 'nodes' : 'nothing';
      return [{ ...nodeRow(node), answer } as const];
    }),
    found: found.length,
  };
}

function localNodeRow(context: ContextFrom<typeof localNodeMachine>): LocalNodeRow {
  const { ipv4, ipv6 } = claimsOf(context);
  const { record } = context;
  return {
    seq: record?.seq ?? 0,
    record: record ? formatRecord(record.bytes) : '',
    ipv4: claimView(ipv4),
    ipv6: claimView(ipv6),
  };
}

function mapperRow(context: ContextFrom<typeof portMapperMachine>): MapperRow {
  const { mechanism, gateway, hosts, mappings, fault } = context;
  const name = gateway && [gateway.name, gateway.host && `at ${gateway.host}`];
  return {
    mechanism: printable(mechanism, MAX_REMOTE_CHARS),
    gateway: printable(name?.filter(Boolean).join(' ') ?? '', MAX_REMOTE_CHARS),
    external: [hosts.ipv4, hosts.ipv6].filter((host) => host !== null).join(', '),
    mappings: PROTOCOLS.map((protocol) => {
      const { bound, externalPort, failures } = mappings[protocol];
      return { protocol, port: bound?.port ?? 0, externalPort: externalPort ?? 0, failures };
    }),
    fault: printable(fault, MAX_FAULT_CHARS),
  };
}

const claimView = (claim: EndpointClaim | null): ClaimView | null =>
  claim && { why: claim.why, remote: remoteOf({ host: claim.host, port: claim.udpPort }) };
