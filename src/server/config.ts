/** Checks the options of a server and completes them with defaults and the real ports. */
import { type Inspect, inspectOf } from '../actors/inspection.ts';
import { DEFAULTS, type MetricsRegistry, type Ports, type ServerOptions } from '../api/options.ts';
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import { lookUpAddresses } from '../io/adapters/host-addresses.ts';
import { hostResolver } from '../io/adapters/host-resolver.ts';
import { levelDatabase } from '../io/adapters/level-database.ts';
import { tcpDialer } from '../io/adapters/tcp-dialer.ts';
import { tcpListener } from '../io/adapters/tcp-listener.ts';
import { lookUpTxt } from '../io/adapters/txt-lookup.ts';
import { parseTreeUrl, type TreeLink } from '../io/crypto/dns-tree-entry.ts';
import { encodeAttributes, type RecordAttributes } from '../io/crypto/local-record.ts';
import { type Node, type NodeLike, parseNode } from '../io/crypto/node.ts';
import { createNodeKey, type NodeKey, withPrimitives } from '../io/crypto/node-key.ts';
import {
  CUSTOM_PRIMITIVES,
  defaultSet,
  type PrimitivesInUse,
  primitivesOf,
} from '../io/crypto/primitive-sets.ts';
import { type Primitives, systemRandom } from '../io/crypto/primitives.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import { MAX_TREES } from '../io/discovery/dns-nodes.ts';
import { BoundedNodeStore, type NodeStore } from '../io/discovery/node-store.ts';
import { udpBinder } from '../io/discovery/udp-socket.ts';
import { rlpxTransport } from '../io/link/rlpx-link.ts';
import { findGatewayOf } from '../io/nat/find-gateway.ts';
import type { FindGateway } from '../io/nat/gateway.ts';
import { type NatMechanism, parseNat } from '../io/nat/nat-option.ts';
import { systemClock } from '../io/process/clock.ts';
import { openFilesLimit } from '../io/process/open-files.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import { BASE_PROTOCOL_VERSION } from '../io/wire/base-message.ts';
import { requireNoBlanks } from '../io/wire/blank.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { RecordEntries } from '../io/wire/enr.ts';
import { type Capability, encodeHello, type Hello, MAX_CAPABILITIES } from '../io/wire/hello.ts';
import {
  isCandidateHost,
  type NetRestrict,
  parseNetRestrict,
  plainHost,
} from '../io/wire/ip-address.ts';
import { byNameThenVersion } from '../machines/connection/capability-match.ts';
import { dialGenerator } from '../machines/dialing/dial-generator.ts';
import { MAX_STATIC_NODES } from '../machines/dialing/dial-scheduler.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import { type LineLogger, SILENT } from '../telemetry/server-log.ts';
import { assertShape } from './options-schema.ts';

/** Nodes that a protocol wants to be dialled. */
type CandidateSource = { readonly name: string; readonly nodes: AsyncIterable<NodeLike> };

/** Options as the server uses them: complete and checked. */
export type ServerConfig = {
  readonly key: NodeKey;
  /** Our Hello, the same for every peer. */
  readonly hello: Hello;
  readonly listen: Endpoint | null;
  /** The external address, or null. */
  readonly externalHost: string | null;
  /** How the gateway is found; null: it is not asked. */
  readonly findGateway: FindGateway | null;
  /** The option `nat`, as it was given. */
  readonly nat: string;
  /** What protocols add to our record, encoded. */
  readonly attributes: RecordEntries;
  /** Not opened yet: the local node does that. */
  readonly nodeStore: NodeStore;
  readonly maxPeers: number;
  readonly maxPeersPerSubnet: number;
  readonly maxPendingPeers: number;
  readonly maxDialed: number;
  readonly maxInbound: number;
  /** Sorted by name and version. */
  readonly protocols: readonly CheckedProtocol[];
  readonly noDial: boolean;
  readonly isStaticExempt: boolean;
  readonly redialBackOff: boolean;
  readonly churn: boolean;
  readonly staticNodes: readonly Node[];
  readonly bootnodes: readonly Node[];
  readonly bootnodesV5: readonly Node[];
  /** Empty when the option is not given. */
  readonly candidates: AsyncIterable<NodeLike>;
  readonly hasCandidates: boolean;
  readonly protocolCandidates: readonly CandidateSource[];
  readonly candidateWaitMs: number;
  /** Null: every candidate may be dialled. */
  readonly candidateFilter: ((node: Node) => boolean) | null;
  readonly trustedNodes: readonly Node[];
  /** Entries of these lists that are our own enode and left out, such as `staticNodes[0]`. */
  readonly ownEnodes: readonly string[];
  /** True for every address without a restriction. */
  readonly netRestrict: NetRestrict;
  /** Whether an address learned from others may be dialled. */
  readonly isCandidateHost: (host: string) => boolean;
  readonly discovery: readonly DiscoveryVersionName[];
  /** Each list once. */
  readonly dnsTrees: readonly TreeLink[];
  /** Port 0 stands for the port of the listener. */
  readonly discoveryListen: Endpoint;
  /** A socket of v5 alone; null when it uses that of v4, or there is no v4. */
  readonly discv5Listen: Endpoint | null;
  readonly legacyHandshake: boolean;
  readonly receiveBudgetBytes: number;
  readonly sendBudgetBytes: number;
  readonly messageEvents: boolean;
  readonly logger: LineLogger;
  /** Null when none was given. */
  readonly metrics: MetricsRegistry | null;
  readonly onPeer: (peer: Peer) => unknown;
  readonly inspect: Inspect | undefined;
  readonly primitivesInUse: PrimitivesInUse;
  readonly ports: Ports;
};

/** `nodeInfo` is that of the first protocol given with the same name, as in go-ethereum. */
type CheckedProtocol = Protocol & { readonly maxMessageBytes: number };

/** @throws {TypeError} Names each wrong option, what was given and what is allowed. */
export function checkOptions(options: ServerOptions): ServerConfig {
  assertShape(options);
  const given = { ...DEFAULTS, ...defined(options) };
  const { nodeKey, logger, staticNodes = [], trustedNodes = [], bootnodes = [] } = given;
  if (staticNodes.length > MAX_STATIC_NODES)
    throw new TypeError(
      `"staticNodes" expected at most ${MAX_STATIC_NODES} entries, got ${staticNodes.length}`,
    );
  const ports = defined(given.ports ?? {});
  const { primitives, inUse } = ports.primitives
    ? { primitives: ports.primitives, inUse: CUSTOM_PRIMITIVES }
    : primitivesOf(given.primitives ?? defaultSet());
  const key = keyOf(nodeKey, primitives, inUse);
  const maxDialed = maxDialedOf(given);
  const offered = checkProtocols(given.protocols ?? []);
  const attributes = attributesOf(given.protocols ?? []);
  const hello = helloOf(key, given.name, offered);
  const statics = parseNodes('staticNodes', staticNodes, key);
  const boot = parseNodes('bootnodes', bootnodes, key);
  const bootV5 = given.bootnodesV5 ? parseNodes('bootnodesV5', given.bootnodesV5, key) : null;
  const trusted = parseNodes('trustedNodes', trustedNodes, key);
  const completePorts: Ports = Object.freeze({
    clock: systemClock,
    random: systemRandom,
    primitives,
    listener: tcpListener,
    dialer: tcpDialer,
    resolver: hostResolver,
    nodeResolver: null,
    txtResolver: lookUpTxt,
    dialGenerator,
    unixTimeMs,
    openFiles: openFilesLimit,
    gateway: null,
    datagrams: ports.clock ? udpBinder({ clock: ports.clock }) : SYSTEM_DATAGRAMS,
    transport: rlpxTransport,
    ...ports,
  });
  const nat = parseNat(given.nat);
  return Object.freeze({
    key,
    hello,
    listen: given.listen && placeOf(given.listen),
    externalHost: externalHostOf(given.externalIp, nat),
    findGateway: findGatewayFor(nat, completePorts),
    nat: given.nat,
    attributes,
    nodeStore: nodeStoreOf(given.nodeDatabase, completePorts),
    maxPeers: given.maxPeers,
    maxPeersPerSubnet: given.maxPeersPerSubnet,
    maxPendingPeers: given.maxPendingPeers,
    maxDialed,
    maxInbound: given.maxPeers - maxDialed,
    protocols: offered,
    noDial: given.noDial,
    isStaticExempt: given.staticExempt,
    redialBackOff: given.redialBackOff,
    churn: given.churn,
    staticNodes: statics.others,
    bootnodes: boot.others,
    bootnodesV5: (bootV5 ?? boot).others,
    candidates: given.candidates ?? NO_CANDIDATES,
    hasCandidates: given.candidates !== undefined,
    protocolCandidates: candidatesOf(given.protocols ?? []),
    candidateWaitMs: given.candidateWaitMs,
    candidateFilter: given.candidateFilter ?? null,
    trustedNodes: trusted.others,
    ownEnodes: [...statics.own, ...boot.own, ...(bootV5?.own ?? []), ...trusted.own],
    netRestrict: given.netRestrict ? parseNetRestrict(given.netRestrict) : () => true,
    isCandidateHost: (host: string) => isCandidateHost(host, given.netRestrict !== undefined),
    dnsTrees: treesOf(given.dnsTrees ?? []),
    discovery: given.discovery === 'none' ? [] : [...new Set([given.discovery].flat())],
    discoveryListen: placeOf(given.discoveryListen ?? { ...(given.listen ?? EVERYWHERE), port: 0 }),
    discv5Listen: given.discv5Listen ? placeOf(given.discv5Listen) : null,
    legacyHandshake: given.legacyHandshake,
    receiveBudgetBytes: given.receiveBudgetBytes,
    sendBudgetBytes: given.sendBudgetBytes,
    messageEvents: given.messageEvents,
    logger: logger ?? SILENT,
    metrics: given.metrics ?? null,
    onPeer: given.onPeer ?? (() => {}),
    inspect: inspectOf(given.inspect),
    primitivesInUse: inUse,
    ports: completePorts,
  });
}

/** @throws {TypeError} The two options name different addresses. */
function externalHostOf(externalIp: string | undefined, nat: NatMechanism): string | null {
  const external = externalIp === undefined ? null : plainHost(externalIp);
  if (nat.kind !== 'extip') return external;
  if (external !== null && external !== nat.host)
    throw new TypeError(`"externalIp" is ${external} and "nat" is extip:${nat.host}; omit one`);
  return nat.host;
}

function findGatewayFor(nat: NatMechanism, ports: Ports): FindGateway | null {
  if (nat.kind === 'none' || nat.kind === 'extip') return null;
  const { clock, datagrams: bind, random } = ports;
  return ports.gateway ?? findGatewayOf(nat, { clock, bind, random, lookUp: lookUpAddresses });
}

/** Primitives that the user replaced may make another key of the same bytes, so a key that was made before keeps its own. */
function keyOf(
  given: NodeKey | Uint8Array,
  primitives: Primitives,
  { set }: PrimitivesInUse,
): NodeKey {
  if (given instanceof Uint8Array) return createNodeKey(given, primitives);
  return set === 'custom' ? given : withPrimitives(given, primitives);
}

/** Sources: go-ethereum p2p/server.go, maxDialedConns; for `legacyHalf` the same file in 1.7.3. */
function maxDialedOf({ noDial, maxPeers, dialRatio, dialShare }: Share): number {
  if (noDial || maxPeers === 0) return 0;
  if (dialShare === 'legacyHalf') return Math.floor((maxPeers + 1) / 2);
  return Math.max(1, Math.floor(maxPeers / dialRatio));
}

const SYSTEM_DATAGRAMS = udpBinder({ clock: systemClock });

/** Of a server that does not listen, and finds nodes. */
const EVERYWHERE: Endpoint = { host: '::', port: 0 };

/** A copy: what the caller changes later has no effect. */
const placeOf = ({ host, port }: Endpoint): Endpoint =>
  Object.freeze({ host: plainHost(host), port });

type Share = Required<Pick<ServerOptions, 'noDial' | 'maxPeers' | 'dialRatio' | 'dialShare'>>;

const NO_CANDIDATES: AsyncIterable<NodeLike> = (async function* () {})();

function checkProtocols(protocols: readonly Protocol[]): readonly CheckedProtocol[] {
  const seen = new Set<string>();
  for (const { name, version } of protocols) {
    if (seen.has(`${name}/${version}`))
      throw new TypeError(`"protocols" lists ${name}/${version} twice; each may be listed once`);
    seen.add(`${name}/${version}`);
  }
  return protocols
    .map((protocol) => {
      const first = protocols.find(({ name }) => name === protocol.name);
      return defined({
        name: protocol.name,
        version: protocol.version,
        length: protocol.length,
        maxMessageBytes: protocol.maxMessageBytes ?? DEFAULTS.maxMessageBytes,
        run: protocol.run.bind(protocol),
        onServerStart: protocol.onServerStart?.bind(protocol),
        onServerStop: protocol.onServerStop?.bind(protocol),
        nodeInfo: first?.nodeInfo?.bind(first),
        peerInfo: protocol.peerInfo?.bind(protocol),
      });
    })
    .sort(byNameThenVersion);
}

/** One source for all versions of a name. */
function candidatesOf(protocols: readonly Protocol[]): readonly CandidateSource[] {
  const byName = new Map<string, CandidateSource>();
  for (const { name, dialCandidates: nodes } of protocols)
    if (nodes && !byName.has(name)) byName.set(name, { name, nodes });
  return [...byName.values()];
}

/** @throws {TypeError} An attribute is not allowed, or all of them are too long. */
function attributesOf(protocols: readonly Protocol[]): RecordEntries {
  const all: RecordAttributes = Object.assign({}, ...protocols.map((one) => one.attributes ?? {}));
  try {
    return encodeAttributes(all);
  } catch (error) {
    throw new TypeError(`"protocols": ${(error as Error).message}`);
  }
}

const nodeStoreOf = (folder: string | undefined, { clock, random, unixTimeMs }: Ports): NodeStore =>
  new BoundedNodeStore({
    ...{ clock, random, unixTimeMs },
    openDatabase: folder === undefined ? null : levelDatabase(folder),
  });

/** @throws {TypeError} The Hello would be too long, or have more capabilities than others accept. */
function helloOf(key: NodeKey, client: string, capabilities: readonly Capability[]): Hello {
  const hello: Hello = {
    version: BASE_PROTOCOL_VERSION,
    client,
    capabilities: capabilities.map(({ name, version }) => ({ name, version })),
    listenPort: 0, // a legacy field that clients ignore
    publicKey: publicKeyHex(key.publicKey),
  };
  try {
    encodeHello(hello);
  } catch (error) {
    throw new TypeError(
      `"name" and "protocols" do not fit into one Hello: ${(error as Error).message}`,
    );
  }
  if (capabilities.length > MAX_CAPABILITIES)
    throw new TypeError(
      `"protocols" expected at most ${MAX_CAPABILITIES} entries, got ${capabilities.length}`,
    );
  return hello;
}

/** Without the entries that are undefined, so that they do not hide a default. */
function defined<Given extends object>(
  given: Given,
): { [Key in keyof Given]: NonNullable<Given[Key]> | Extract<Given[Key], null> } {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as ReturnType<typeof defined<Given>>;
}

type Nodes = {
  readonly others: readonly Node[];
  /** Places in the list that name this node. */
  readonly own: readonly string[];
};

/** A network often has one list for all of its nodes: the entry of this node is left out. */
function parseNodes(option: string, given: readonly NodeLike[], key: NodeKey): Nodes {
  const others: Node[] = [];
  const own: string[] = [];
  for (const [index, entry] of given.entries()) {
    const place = `${option}[${index}]`;
    const node = parseNodeAt(place, entry);
    if (node.id === key.id) own.push(place);
    else others.push(node);
  }
  return { others, own };
}

function treesOf(given: readonly string[]): readonly TreeLink[] {
  const byUrl = new Map<string, TreeLink>();
  for (const [index, text] of given.entries()) {
    const link = parseTreeAt(`dnsTrees[${index}]`, text);
    byUrl.set(link.url, link);
  }
  if (byUrl.size > MAX_TREES)
    throw new TypeError(`"dnsTrees" expected at most ${MAX_TREES} entries, got ${byUrl.size}`);
  return [...byUrl.values()];
}

function parseTreeAt(place: string, url: string): TreeLink {
  try {
    requireNoBlanks('node list URL', url);
    return parseTreeUrl(url);
  } catch (error) {
    throw new TypeError(`"${place}": ${(error as Error).message}`);
  }
}

function parseNodeAt(place: string, given: NodeLike): Node {
  try {
    return parseNode(given);
  } catch (error) {
    throw new TypeError(`"${place}": ${(error as Error).message}`);
  }
}
