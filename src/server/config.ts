/** What a server can be told, checked at construction; the defaults are in one frozen object. */
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import type { CallbackActorLogic, EventObject } from 'xstate';
import type { Inspect } from '../actors/inspection.ts';
import type { Peer } from '../api/peer.ts';
import type { Port, Protocol } from '../api/protocol.ts';
import { hostResolver } from '../io/adapters/host-resolver.ts';
import { tcpDialer } from '../io/adapters/tcp-dialer.ts';
import { type SocketServerCommand, tcpListener } from '../io/adapters/tcp-listener.ts';
import { type Enode, parseEnode } from '../io/crypto/enode.ts';
import { createNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import {
  noblePrimitives,
  type Primitives,
  type Random,
  systemRandom,
} from '../io/crypto/primitives.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import type { Endpoint } from '../io/link/byte-stream.ts';
import type { Transport } from '../io/link/link.ts';
import { rlpxTransport } from '../io/link/rlpx-link.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { type OpenFiles, openFilesLimit } from '../io/process/open-files.ts';
import { BASE_PROTOCOL_VERSION } from '../io/wire/base-message.ts';
import { type Capability, encodeHello, type Hello, MAX_CAPABILITIES } from '../io/wire/hello.ts';
import { isCandidateHost, type NetRestrict, parseNetRestrict } from '../io/wire/ip-address.ts';
import { byNameThenVersion } from '../machines/connection/capability-match.ts';
import { type DialGenerator, dialGenerator } from '../machines/dialing/dial-generator.ts';
import { MAX_STATIC_NODES } from '../machines/dialing/dial-scheduler.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import { assertShape } from './options-schema.ts';

/** The outside world. Replace a part to run without sockets, on virtual time, or on a seed. */
export type Ports = {
  readonly clock: Clock;
  readonly random: Random;
  readonly primitives: Primitives;
  readonly listener: CallbackActorLogic<SocketServerCommand, Endpoint>;
  readonly dialer: CallbackActorLogic<EventObject, Endpoint>;
  readonly resolver: CallbackActorLogic<EventObject, string>;
  /** Knows where nodes are now, and reports a `NodeResolverEvent`; null: nobody does. */
  readonly nodeResolver: CallbackActorLogic<EventObject, DialTarget> | null;
  /** Whom to dial, in place of go-ethereum's choices. Pure. */
  readonly dialGenerator: DialGenerator<unknown>;
  /** How many files this process may have open. */
  readonly openFiles: OpenFiles;
  /** Speaks with the other end of each connection. RLPx unless given; what a link has to do is told at `Link`. */
  readonly transport: Transport;
};

export type ServerOptions = {
  /** Who we are: a key object, or the 32 bytes of a secret key. */
  readonly nodeKey: NodeKey | Uint8Array;
  /** Our name in Hello. Says only what these characters say: at most 256 bytes. */
  readonly name?: string;
  /** Where to listen; port 0 lets the system choose; null does not listen. */
  readonly listen?: Endpoint | null;
  /** Peers at once, trusted ones excepted. A single one is kept for a dial of ours, unless `noDial` is set. */
  readonly maxPeers?: number;
  /** Peers from one IPv4 /24 or IPv6 /48; LAN, trusted and static ones excepted. */
  readonly maxPeersPerSubnet?: number;
  /** Inbound handshakes at once, and dials at once. */
  readonly maxPendingPeers?: number;
  /** One in this many peers may come from dials of ours; the rest is kept for inbound ones. */
  readonly dialRatio?: number;
  /** How many peers may come from dials: by `dialRatio`, or half of them as go-ethereum had it up to 1.7. */
  readonly dialShare?: 'ratio' | 'legacyHalf';
  /** Static nodes are dialled and let in however many peers there are, as go-ethereum had it up to 1.7. */
  readonly staticExempt?: boolean;
  /** Never dial. */
  readonly noDial?: boolean;
  /** Subprotocols we speak. None at all accepts every peer. */
  readonly protocols?: readonly Protocol[];
  /** Enode URLs to keep connected, 1,000 at most. */
  readonly staticNodes?: readonly string[];
  /** Enode URLs to dial, one after the other, whenever there has been no peer at all for 20 s. */
  readonly bootnodes?: readonly string[];
  /**
   * Enode URLs to try once each, read one by one when there is a slot that no static node needs. Read by one server,
   * from its start on; asked to `return()` at its stop, and not waited for.
   */
  readonly candidates?: AsyncIterable<string>;
  /** Enode URLs exempt from `maxPeers`. */
  readonly trustedNodes?: readonly string[];
  /** CIDRs, such as `192.0.2.0/24`: nobody outside of them is let in or dialled. IPv4 ranges say nothing about IPv6. */
  readonly netRestrict?: readonly string[];
  /** Speak the handshake from before EIP-8: accepted from others, and sent to nodes we dial, which go-ethereum since 1.10.4 refuses. */
  readonly legacyHandshake?: boolean;
  /** Received bytes that may wait for handlers, or be on their way to them, over all peers. */
  readonly receiveBudgetBytes?: number;
  /** Bytes that may wait to be sent, over all peers. */
  readonly sendBudgetBytes?: number;
  /** Report each message of a subprotocol as `msgsend` or `msgrecv`: many events, so that a slow iterator misses some. */
  readonly messageEvents?: boolean;
  /** Hears what happens; silent by default. */
  readonly logger?: Logger;
  /** Where to put our metrics; a registry of our own by default. It serves one server at a time. */
  readonly metrics?: MetricsRegistry;
  /**
   * Hears of each new peer first: before the `add` event, and before its handlers start. What it throws is logged,
   * and costs nobody; `peer.disconnect()` is how to refuse the peer.
   */
  readonly onPeer?: (peer: Peer) => void;
  /** Hears the inspection events of every actor. One that throws is heard no more. */
  readonly inspect?: Inspect;
  readonly ports?: Partial<Ports>;
};

/** Defaults. Sources: go-ethereum p2p/config.go and node/defaults.go; the budgets are ours. */
export const DEFAULTS = Object.freeze({
  name: 'peerchart/0.1.0',
  listen: Object.freeze({ host: '0.0.0.0', port: 30303 }),
  maxPeers: 50,
  /** Ours: go-ethereum limits subnets in its table only. */
  maxPeersPerSubnet: 3,
  maxPendingPeers: 50,
  dialRatio: 3,
  dialShare: 'ratio',
  staticExempt: false,
  noDial: false,
  legacyHandshake: false,
  receiveBudgetBytes: 256 * 1024 * 1024,
  sendBudgetBytes: 256 * 1024 * 1024,
  messageEvents: false,
  /** go-ethereum's own cap for eth messages. */
  maxMessageBytes: 10 * 1024 * 1024,
});

/** Options as the server uses them: everything there, everything checked. */
export type ServerConfig = {
  readonly key: NodeKey;
  /** What we say to everybody. */
  readonly hello: Hello;
  readonly listen: Endpoint | null;
  readonly maxPeers: number;
  readonly maxPeersPerSubnet: number;
  readonly maxPendingPeers: number;
  readonly maxDialed: number;
  readonly maxInbound: number;
  /** Sorted by name and version. */
  readonly protocols: readonly CheckedProtocol[];
  readonly noDial: boolean;
  readonly isStaticExempt: boolean;
  readonly staticNodes: readonly Enode[];
  readonly bootnodes: readonly Enode[];
  /** None at all when there are none. */
  readonly candidates: AsyncIterable<string>;
  readonly hasCandidates: boolean;
  readonly trustedNodes: readonly Enode[];
  /** Always true without a restriction. */
  readonly netRestrict: NetRestrict;
  /** Whether a stranger may send us to this host. */
  readonly isCandidateHost: (host: string) => boolean;
  readonly legacyHandshake: boolean;
  readonly receiveBudgetBytes: number;
  readonly sendBudgetBytes: number;
  readonly messageEvents: boolean;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly onPeer: (peer: Peer) => void;
  readonly inspect: Inspect | undefined;
  readonly ports: Ports;
};

/** The first one given of a name tells the `nodeInfo` of all its versions, as in go-ethereum. */
export type CheckedProtocol = Protocol & { readonly maxMessageBytes: number };

/** @throws {TypeError} Names each option that is wrong, what was given and what is allowed. */
export function checkOptions(options: ServerOptions): ServerConfig {
  assertShape(options);
  const given = { ...DEFAULTS, ...defined(options) };
  const { nodeKey, logger, staticNodes = [], trustedNodes = [], bootnodes = [] } = given;
  if (staticNodes.length > MAX_STATIC_NODES)
    throw new TypeError(`"staticNodes" may be ${MAX_STATIC_NODES}, got ${staticNodes.length}`);
  const ports = defined(given.ports ?? {});
  const primitives = ports.primitives ?? noblePrimitives;
  const key = nodeKey instanceof Uint8Array ? createNodeKey(nodeKey, primitives) : nodeKey;
  const maxDialed = dialedShare(given);
  const offered = checkProtocols(given.protocols ?? []);
  const hello = helloOf(key, given.name, offered);
  return Object.freeze({
    key,
    hello,
    listen: given.listen,
    maxPeers: given.maxPeers,
    maxPeersPerSubnet: given.maxPeersPerSubnet,
    maxPendingPeers: given.maxPendingPeers,
    maxDialed,
    maxInbound: given.maxPeers - maxDialed,
    protocols: offered,
    noDial: given.noDial,
    isStaticExempt: given.staticExempt,
    staticNodes: parseNodes('staticNodes', staticNodes, key),
    bootnodes: parseNodes('bootnodes', bootnodes, key),
    candidates: given.candidates ?? NOBODY,
    hasCandidates: given.candidates !== undefined,
    trustedNodes: parseNodes('trustedNodes', trustedNodes, key),
    netRestrict: given.netRestrict ? parseNetRestrict(given.netRestrict) : () => true,
    isCandidateHost: (host: string) => isCandidateHost(host, given.netRestrict !== undefined),
    legacyHandshake: given.legacyHandshake,
    receiveBudgetBytes: given.receiveBudgetBytes,
    sendBudgetBytes: given.sendBudgetBytes,
    messageEvents: given.messageEvents,
    logger: logger ?? pino({ enabled: false }),
    metrics: given.metrics ?? new Registry(),
    onPeer: given.onPeer ?? (() => {}),
    inspect: given.inspect,
    ports: Object.freeze({
      clock: systemClock,
      random: systemRandom,
      primitives,
      listener: tcpListener,
      dialer: tcpDialer,
      resolver: hostResolver,
      nodeResolver: null,
      dialGenerator,
      openFiles: openFilesLimit,
      transport: rlpxTransport,
      ...ports,
    }),
  });
}

/** Sources: go-ethereum p2p/server.go, maxDialedConns; for `legacyHalf` the same file in 1.7.3. */
function dialedShare({ noDial, maxPeers, dialRatio, dialShare }: Share): number {
  if (noDial || maxPeers === 0) return 0;
  if (dialShare === 'legacyHalf') return Math.floor((maxPeers + 1) / 2);
  return Math.max(1, Math.floor(maxPeers / dialRatio));
}

type Share = Required<Pick<ServerOptions, 'noDial' | 'maxPeers' | 'dialRatio' | 'dialShare'>>;

const NOBODY: AsyncIterable<string> = (async function* () {})();

function checkProtocols(protocols: readonly Protocol[]): readonly CheckedProtocol[] {
  const seen = new Set<string>();
  for (const { name, version } of protocols) {
    if (seen.has(`${name}/${version}`))
      throw new TypeError(`"protocols" has ${name}/${version} twice; each may stand there once`);
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
        run: (peer: Peer, port: Port) => protocol.run(peer, port),
        nodeInfo: first?.nodeInfo?.bind(first),
        peerInfo: protocol.peerInfo?.bind(protocol),
      });
    })
    .sort(byNameThenVersion);
}

/** @throws {TypeError} So many protocols that others would not read our Hello. */
function helloOf(key: NodeKey, client: string, capabilities: readonly Capability[]): Hello {
  const hello: Hello = {
    version: BASE_PROTOCOL_VERSION,
    client,
    capabilities: capabilities.map(({ name, version }) => ({ name, version })),
    listenPort: 0, // a legacy field that everybody ignores
    publicKey: publicKeyHex(key.publicKey),
  };
  try {
    encodeHello(hello);
  } catch (error) {
    throw new TypeError(`"name" and "protocols" do not fit: ${(error as Error).message}`);
  }
  if (capabilities.length > MAX_CAPABILITIES)
    throw new TypeError(`"protocols" may be ${MAX_CAPABILITIES}, got ${capabilities.length}`);
  return hello;
}

/** Without the entries that are there but undefined, so that they do not hide a default. */
function defined<Given extends object>(
  given: Given,
): { [Key in keyof Given]: NonNullable<Given[Key]> | Extract<Given[Key], null> } {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as ReturnType<typeof defined<Given>>;
}

function parseNodes(option: string, urls: readonly string[], key: NodeKey): readonly Enode[] {
  return urls.map((url, index) => {
    try {
      const enode = parseEnode(url);
      if (enode.id !== key.id) return enode;
    } catch (error) {
      throw new TypeError(`"${option}[${index}]": ${(error as Error).message}`);
    }
    throw new TypeError(`"${option}[${index}]" is this node itself`);
  });
}
