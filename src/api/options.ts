/** What a server can be told, and its defaults in one frozen object. They are checked in `server/config.ts`. */
import type { Logger } from 'pino';
import type { Registry, RegistryContentType } from 'prom-client';
import type { CallbackActorLogic, EventObject } from 'xstate';
import type { Inspect } from '../actors/inspection.ts';
import type { SocketServerCommand } from '../io/adapters/tcp-listener.ts';
import type { NodeKey } from '../io/crypto/node-key.ts';
import type { Primitives, Random } from '../io/crypto/primitives.ts';
import type { Transport } from '../io/link/link.ts';
import type { Clock } from '../io/process/clock.ts';
import type { OpenFiles } from '../io/process/open-files.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { DialGenerator } from '../machines/dialing/dial-generator.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { Peer } from './peer.ts';
import type { Protocol } from './protocol.ts';
import { VERSION } from './version.ts';

/** A registry of prom-client, whatever text it writes. */
export type MetricsRegistry = Registry<RegistryContentType>;

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
  name: `peerchart/${VERSION}`,
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
