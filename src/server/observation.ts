/** What `server.attach` hands out: the parts of a server that inspectors and recordings read and act on. */
import type { Actor } from 'xstate';
import type { Inspection } from '../actors/inspection.ts';
import type { ConnectionStats } from '../api/endings.ts';
import type { Peer } from '../api/peer.ts';
import type { ServerEvents } from '../api/server-events.ts';
import type { Discv4Stats } from '../io/discovery/discv4.ts';
import type { Discv5Stats } from '../io/discovery/discv5-counts.ts';
import type { Clock } from '../io/process/clock.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import type { serverMachine } from '../machines/server/server.ts';
import type { Self } from './node-info.ts';

/** The members of `Server` that an attachment may use; each is documented there. */
export type ObservedServer = {
  readonly actor: Actor<typeof serverMachine>;
  readonly self: Self;
  readonly peers: readonly Peer[];
  on<Type extends keyof ServerEvents>(
    type: Type,
    listener: (event: { readonly type: Type } & ServerEvents[Type]) => void,
  ): () => void;
  addPeer(node: string): void;
  removePeer(node: string): Promise<void>;
  addTrustedPeer(node: string): void;
  removeTrustedPeer(node: string): void;
};

/** What the snapshot of a table does not contain. */
export type DiscoverySource = {
  /** How many bootnodes were given. */
  readonly bootnodes: number;
  /** What its socket sent, received and refused so far; null without one. */
  readonly stats: Discv4Stats | Discv5Stats | null;
};

export type Observation = {
  readonly server: ObservedServer;
  /** Where a watcher of all actors registers; it first receives the actors that already run. */
  readonly inspection: Inspection;
  /** The server's clock: virtual in a simulated world. */
  readonly clock: Clock;
  /** Duration and bytes of a peer up to now, by connection id; zeros for an unknown one. */
  readonly statsOf: (connectionId: string) => ConnectionStats;
  /** The connection id that holds each used slot of the listener, by slot number. */
  readonly slotHolders: () => ReadonlyMap<number, string>;
  readonly discoveryOf: (version: DiscoveryVersionName) => DiscoverySource;
  /** Reports an internal error; it is logged with `where`. */
  readonly onFault: (error: unknown, where: string) => void;
  /** Called by an attachment that is closed: the server forgets it. */
  readonly onClosed: () => void;
};
