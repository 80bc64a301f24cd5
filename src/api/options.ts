/** The options of a server, and their defaults in one frozen object. `server/config.ts` checks them. */
import type { Logger } from 'pino';
import type { Registry, RegistryContentType } from 'prom-client';
import type { CallbackActorLogic, EventObject } from 'xstate';
import type { InspectOption } from '../actors/inspection.ts';
import type { SocketServerCommand } from '../io/adapters/tcp-listener.ts';
import type { Node, NodeLike } from '../io/crypto/node.ts';
import type { NodeKey } from '../io/crypto/node-key.ts';
import type { PrimitiveSetName } from '../io/crypto/primitive-sets.ts';
import type { Primitives, Random } from '../io/crypto/primitives.ts';
import type { BindDatagrams } from '../io/discovery/datagram-socket.ts';
import type { TxtResolver } from '../io/discovery/txt-queries.ts';
import type { Transport } from '../io/link/link.ts';
import type { FindGateway } from '../io/nat/gateway.ts';
import type { Clock } from '../io/process/clock.ts';
import type { OpenFiles } from '../io/process/open-files.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { DialGenerator } from '../machines/dialing/dial-generator.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import type { Peer } from './peer.ts';
import type { Protocol } from './protocol.ts';
import { VERSION } from './version.ts';

/** A registry of prom-client, with either text format. */
export type MetricsRegistry = Registry<RegistryContentType>;

/** The outside world. Replace a part to run without sockets, on virtual time or with a seed. */
export type Ports = {
  /** Time of every delay and duration: monotonic, in ms. */
  readonly clock: Clock;
  /** Source of random bytes, for keys, nonces and padding. */
  readonly random: Random;
  /** The curve, hashes and ciphers, in place of the set that the option `primitives` names. */
  readonly primitives: Primitives;
  /** Listens for sockets, and reports each one. */
  readonly listener: CallbackActorLogic<SocketServerCommand, Endpoint>;
  /** Connects to one address, and reports the stream or why there is none. */
  readonly dialer: CallbackActorLogic<EventObject, Endpoint>;
  /** Looks up one host name and reports one `ResolverEvent`, with one address or several. */
  readonly resolver: CallbackActorLogic<EventObject, string>;
  /** Looks up the current address of a node and reports a `NodeResolverEvent`; null when there is no such source. */
  readonly nodeResolver: CallbackActorLogic<EventObject, DialTarget> | null;
  /** Looks up the TXT records of a name, for DNS node lists. */
  readonly txtResolver: TxtResolver;
  /** Decides which nodes to dial, in place of go-ethereum's rules. Pure. */
  readonly dialGenerator: DialGenerator<unknown>;
  /** The time of day, in ms since 1970: for the expiry of datagrams, and the ages of what is known of nodes. */
  readonly unixTimeMs: () => number;
  /** How many files this process may have open. */
  readonly openFiles: OpenFiles;
  /** Binds the UDP address of discovery. */
  readonly datagrams: BindDatagrams;
  /** Finds the gateway of our network, in place of what the option `nat` names; it is not used with `none` and `extip`. */
  readonly gateway: FindGateway | null;
  /** The transport of each connection: RLPx by default. See `Link` for what it must do. */
  readonly transport: Transport;
};

export type ServerOptions = {
  /** Our identity: a key object, or the 32 bytes of a secret key. */
  readonly nodeKey: NodeKey | Uint8Array;
  /** Our client name in Hello, at most 256 bytes of UTF-8. */
  readonly name?: string;
  /**
   * Where to listen: an IP address or a host name, `::` for every address of this machine (IPv4 alone where it has no
   * IPv6), `0.0.0.0` for every IPv4 address; never empty. Port 0 lets the system choose; null does not listen.
   */
  readonly listen?: Endpoint | null;
  /** Most peers at once; trusted peers do not count. With 1, only a dial of ours can take it unless `noDial` is set. */
  readonly maxPeers?: number;
  /** Most peers from one IPv4 /24 or IPv6 /48; LAN, trusted and static peers do not count. */
  readonly maxPeersPerSubnet?: number;
  /** Most inbound handshakes at once, and most dials at once. */
  readonly maxPendingPeers?: number;
  /** One in this many peers may be dialled by us; the other places are for inbound peers. */
  readonly dialRatio?: number;
  /** Share of dialled peers: by `dialRatio`, or half of them as in go-ethereum up to 1.7. */
  readonly dialShare?: 'ratio' | 'legacyHalf';
  /** Dial and admit static nodes beyond `maxPeers`, as go-ethereum did up to 1.7. */
  readonly staticExempt?: boolean;
  /**
   * After a dial or a peer ended, leave the node alone for a time that depends on the reason: a minute when it has no room, an hour
   * when we share no protocol (docs/limits.md). Static and trusted nodes are not affected. False: 35 s between two dials is all,
   * as in go-ethereum.
   */
  readonly redialBackOff?: boolean;
  /**
   * Every 3 to 7 minutes disconnect a random peer with 0x03 when all inbound or all dialled places are taken, so that new nodes
   * can join, as go-ethereum does. Never a static or trusted one, or one that came less than 10 minutes ago.
   */
  readonly churn?: boolean;
  /** Never dial. */
  readonly noDial?: boolean;
  /** Subprotocols we speak. With none, every peer is accepted. */
  readonly protocols?: readonly Protocol[];
  /**
   * The IP address at which others reach us, for our node record; by default it is predicted from what other nodes see. A
   * port that a router forwards must be the one of `listen`.
   */
  readonly externalIp?: string;
  /**
   * How the router of our network is asked for its external address and to map our ports: `upnp`, `pmp` or `pmp:<router>`
   * (NAT-PMP), `any` (the first of the two that answers), `stun` or `stun:<host>:<port>` (a server on the internet tells
   * the address; no ports are mapped), `extip:<address>` (the same as `externalIp`) or `none`. See docs/discovery.md.
   */
  readonly nat?: string;
  /**
   * A folder for the database of known nodes and of our last record; created when it is missing. One
   * server uses it at a time. Without one, or when it fails, which is logged, nodes are kept in memory.
   */
  readonly nodeDatabase?: string;
  /** Nodes to keep connected, 1,000 at most: each an enode URL, a node record (`enr:…`) or a `Node`. Our own is left out, here and in the other lists of nodes; the log says so. */
  readonly staticNodes?: readonly NodeLike[];
  /**
   * How to find nodes: with Node Discovery `v4`, `v5`, or both. Each begins with its bootnodes, has a table of its own and
   * needs UDP; what it finds is dialled like `candidates`.
   */
  readonly discovery?: 'none' | DiscoveryVersionName | readonly DiscoveryVersionName[];
  /**
   * Where discovery listens for datagrams: the host of `listen` and the port that was bound there, unless given. Both
   * versions share the socket.
   */
  readonly discoveryListen?: Endpoint;
  /**
   * DNS node lists (EIP-1459) by their URLs, `enrtree://<key>@<domain>`, 32 at most: their nodes, and those of the lists that
   * they link to, are dialled like `candidates`. They need no UDP.
   */
  readonly dnsTrees?: readonly string[];
  /** A socket for Node Discovery v5 alone; port 0 stands for the port of the listener. By default it shares that of v4. */
  readonly discv5Listen?: Endpoint;
  /** Nodes to dial, one after the other, when there has been no peer for 20 s. Discovery begins with them too. */
  readonly bootnodes?: readonly NodeLike[];
  /** What Node Discovery v5 begins with; `bootnodes` unless given. */
  readonly bootnodesV5?: readonly NodeLike[];
  /**
   * Nodes to try once each, read one by one when there is a dial slot that no static node needs. One server reads it, from its start on; its stop calls `return()` and does not wait for it.
   */
  readonly candidates?: AsyncIterable<NodeLike>;
  /**
   * How long one of several sources of candidates may take in its turn, in ms, before another one has it: the option
   * `candidates`, those of protocols, discovery. 0 takes whichever is first.
   */
  readonly candidateWaitMs?: number;
  /**
   * Called for each node of `candidates`, of protocols and of discovery before it may be dialled; false passes over it. It
   * must be fast. When it throws, the node is dialled, and the error is logged. See `forkFilter`.
   */
  readonly candidateFilter?: (node: Node) => boolean;
  /** Nodes exempt from `maxPeers`. */
  readonly trustedNodes?: readonly NodeLike[];
  /** CIDRs, such as `192.0.2.0/24`: addresses outside of them are neither accepted nor dialled. An IPv4 range contains no IPv6 address. */
  readonly netRestrict?: readonly string[];
  /** Use the handshake from before EIP-8: accept it, and send it to nodes we dial, which go-ethereum since 1.10.4 refuses. */
  readonly legacyHandshake?: boolean;
  /** Most received bytes that wait for handlers or are being received, over all peers. */
  readonly receiveBudgetBytes?: number;
  /** Most bytes that wait to be sent, over all peers. */
  readonly sendBudgetBytes?: number;
  /** Report each message of a subprotocol as `msgsend` or `msgrecv`. These are many events: a slow iterator misses some. */
  readonly messageEvents?: boolean;
  /**
   * Who does the cryptography. `default`: native code and WebAssembly, as far as they are there; `node`: without the
   * optional package `secp256k1`; `portable`: the noble packages and JavaScript, except for the frame cipher and snappy.
   * By default `PEERCHART_PRIMITIVES` of the environment decides. `self.primitives` of the server says what is in use.
   */
  readonly primitives?: PrimitiveSetName;
  /** Where log lines go; silent by default. */
  readonly logger?: Logger;
  /** Registry for our metrics; a new one by default. It serves one server at a time. */
  readonly metrics?: MetricsRegistry;
  /**
   * Called for each new peer before the `add` event and before its handlers start. What it throws, or its promise
   * rejects with, is logged and changes nothing; call `peer.disconnect()` to reject the peer.
   */
  readonly onPeer?: (peer: Peer) => unknown;
  /**
   * Gets the XState inspection events of every actor: a function, or an observer with `next`, as XState takes both.
   * After it throws once it is not called again; what its promise rejects with is logged.
   */
  readonly inspect?: InspectOption;
  /** Parts of the outside world to replace. */
  readonly ports?: Partial<Ports>;
};

/** Defaults. Sources: go-ethereum p2p/config.go and node/defaults.go; the budgets are ours. */
export const DEFAULTS = Object.freeze({
  name: `peerchart/${VERSION}`,
  listen: Object.freeze({ host: '::', port: 30303 }),
  maxPeers: 50,
  /** Ours: go-ethereum limits subnets in its table only. */
  maxPeersPerSubnet: 3,
  maxPendingPeers: 50,
  dialRatio: 3,
  dialShare: 'ratio',
  staticExempt: false,
  /** Ours: go-ethereum has none. */
  redialBackOff: true,
  churn: false,
  /** Source: go-ethereum eth/backend.go, `discmixTimeout`. */
  candidateWaitMs: 100,
  /** go-ethereum's server, too, has none until it is asked for. */
  discovery: 'none',
  nat: 'none',
  noDial: false,
  legacyHandshake: false,
  receiveBudgetBytes: 256 * 1024 * 1024,
  sendBudgetBytes: 256 * 1024 * 1024,
  messageEvents: false,
  /** go-ethereum's own cap for eth messages. */
  maxMessageBytes: 10 * 1024 * 1024,
});
