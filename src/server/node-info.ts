/**
 * Information about the node and its peers, in the shapes of go-ethereum's admin API.
 * Source: go-ethereum p2p/server.go, NodeInfo, and p2p/peer.go, PeerInfo.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import { isThenable } from '../api/user-call.ts';
import { formatEnode } from '../io/crypto/enode.ts';
import type { NodeKey } from '../io/crypto/node-key.ts';
import { endpointOf, type NodeRecord } from '../io/crypto/node-record.ts';
import type { PrimitivesInUse } from '../io/crypto/primitive-sets.ts';
import { type PublicKey, parseRawPublicKey } from '../io/crypto/public-key.ts';
import { type Endpoint, formatEndpoint } from '../io/wire/endpoint.ts';
import { formatRecord } from '../io/wire/enr.ts';
import { withoutZone } from '../io/wire/ip-address.ts';
import { labelOf } from '../machines/connection/capability-match.ts';
import type { ServerConfig } from './config.ts';

/** Our identity and address, and what does our cryptography. */
export type Self = {
  readonly id: string;
  readonly enode: string;
  /** Our node record as text; null while the server does not run. */
  readonly enr: string | null;
  /** Where we listen; null while we do not. */
  readonly address: Endpoint | null;
  readonly primitives: PrimitivesInUse;
};

/** This node, as `admin_nodeInfo` shows it. */
export type NodeInfo = {
  readonly id: string;
  readonly name: string;
  readonly enode: string;
  /** Null while the server does not run. */
  readonly enr: string | null;
  readonly ip: string;
  /** `discovery` is 0 without it, `listener` while we do not listen. */
  readonly ports: { readonly discovery: number; readonly listener: number };
  /** The listening address, before the start the configured one; empty when `listen` is null. */
  readonly listenAddr: string;
  /** By name: what `nodeInfo` of the protocol returned; `unknown` without one, `error` when it threw. */
  readonly protocols: Readonly<Record<string, unknown>>;
};

/** A peer, as `admin_peers` shows it. `name` and `caps` are untrusted text. */
export type PeerInfo = {
  /** The record of a peer that we dialled, when a table of discovery has it. */
  readonly enr?: string;
  /** For an inbound peer with the port it connected from. */
  readonly enode: string;
  readonly id: string;
  readonly name: string;
  /** Null when they offered none. */
  readonly caps: readonly string[] | null;
  readonly network: {
    readonly localAddress: string;
    readonly remoteAddress: string;
    readonly inbound: boolean;
    readonly trusted: boolean;
    /** Whether we dialled it as a static node. */
    readonly static: boolean;
  };
  /** By name: what `peerInfo` of the protocol returned; `handshake` for undefined, `unknown` without one, `error` when it threw. */
  readonly protocols: Readonly<Record<string, unknown>>;
};

/** Reports what a protocol threw. */
export type OnFault = (error: unknown, where: string) => void;

/** Where we are: what our record claims, and where we listen. */
export type OwnPlace = {
  /** Null while the server does not run. */
  readonly record: NodeRecord | null;
  /** Null while we do not listen. */
  readonly address: Endpoint | null;
  /** Where datagrams of discovery arrive; null without it. */
  readonly datagrams?: Endpoint | null;
};

export function selfOf(
  { key, primitivesInUse }: Pick<ServerConfig, 'key' | 'primitivesInUse'>,
  place: OwnPlace,
): Self {
  const { address } = place;
  return {
    id: key.id,
    enode: ownEnode(key, place),
    enr: textOf(place.record),
    address,
    primitives: primitivesInUse,
  };
}

function ownEnode({ id, publicKey }: NodeKey, place: OwnPlace): string {
  const tcpPort = place.address?.port ?? 0;
  return enodeAt(id, publicKey, { host: hostOf(place), port: tcpPort }, place.datagrams?.port);
}

const textOf = (record: NodeRecord | null): string | null => record && formatRecord(record.bytes);

export function nodeInfoOf(
  { key, hello, listen, protocols }: Pick<ServerConfig, 'key' | 'hello' | 'listen' | 'protocols'>,
  place: OwnPlace,
  onFault: OnFault,
): NodeInfo {
  const { address } = place;
  const bound = address ?? listen;
  return {
    id: key.id,
    name: hello.client,
    enode: ownEnode(key, place),
    enr: textOf(place.record),
    ip: hostOf(place),
    ports: { discovery: place.datagrams?.port ?? 0, listener: address?.port ?? 0 },
    listenAddr: bound ? formatEndpoint(bound) : '',
    protocols: infoByName(protocols, 'nodeInfo', onFault, (protocol) =>
      protocol.nodeInfo ? (protocol.nodeInfo() ?? null) : 'unknown',
    ),
  };
}

export type PeerSources = {
  /** Our protocols; those that run with a peer are asked. */
  readonly offered: readonly Protocol[];
  /** By node id. */
  readonly records: ReadonlyMap<string, NodeRecord>;
  readonly onFault: OnFault;
};

export function peerInfoOf(peer: Peer, { offered, records, onFault }: PeerSources): PeerInfo {
  const { id, publicKey, client, capabilities, direction, trusted, remote, local } = peer;
  const running = offered.filter((protocol) => peer.protocols.includes(labelOf(protocol)));
  const record = direction === 'inbound' ? undefined : records.get(id);
  return {
    ...(record && { enr: formatRecord(record.bytes) }),
    enode: enodeAt(id, parseRawPublicKey(hexToBytes(publicKey)), remote),
    id,
    name: client,
    caps: capabilities.length > 0 ? capabilities.map(labelOf) : null,
    network: {
      localAddress: formatEndpoint(local),
      remoteAddress: formatEndpoint(remote),
      inbound: direction === 'inbound',
      trusted,
      static: direction === 'static',
    },
    protocols: infoByName(running, 'peerInfo', onFault, (protocol) =>
      protocol.peerInfo ? (protocol.peerInfo(peer) ?? 'handshake') : 'unknown',
    ),
  };
}

function infoByName(
  protocols: readonly Protocol[],
  what: 'nodeInfo' | 'peerInfo',
  onFault: OnFault,
  ask: (protocol: Protocol) => unknown,
): Readonly<Record<string, unknown>> {
  const info = new Map<string, unknown>();
  for (const protocol of protocols) {
    if (info.has(protocol.name)) continue; // one entry for all versions of a name
    try {
      info.set(protocol.name, plainValue(ask(protocol)));
    } catch (error) {
      onFault(error, `${what} of ${labelOf(protocol)}`);
      info.set(protocol.name, 'error');
    }
  }
  return Object.fromEntries(info);
}

/** @throws {TypeError} It is a promise, whose own error is ignored: nothing waits for it. */
function plainValue(information: unknown): unknown {
  if (!isThenable(information)) return information;
  Promise.resolve(information).catch(() => {});
  throw new TypeError('expected a value, got a promise');
}

/** A server that listens on all addresses can be reached on the loopback address. */
const UNSPECIFIED = new Set(['0.0.0.0', '::']);
const LOOPBACK = '127.0.0.1';

/** What the record claims, unless that is only the loopback address while we listen at another one. */
function hostOf({ record, address }: OwnPlace): string {
  const bound = address && !UNSPECIFIED.has(address.host) ? withoutZone(address.host) : LOOPBACK;
  const claimed = record && endpointOf(record).host;
  return claimed && claimed !== LOOPBACK ? claimed : bound;
}

/** An enode has no zone, in go-ethereum neither. */
function enodeAt(
  id: string,
  publicKey: PublicKey,
  { host: zoned, port }: Endpoint,
  udpPort = port,
): string {
  const host = withoutZone(zoned);
  const hostKind = host.includes(':') ? 'ipv6' : 'ipv4';
  return formatEnode({ publicKey, id, host, hostKind, tcpPort: port, udpPort });
}
