/** One version of Node Discovery as `Discovery` uses it, and what both versions ask of the server around them. */
import type { Inspection } from '../actors/inspection.ts';
import type { OpenDiscovery } from '../io/adapters/udp-network.ts';
import type { Node } from '../io/crypto/node.ts';
import type { NodeKey } from '../io/crypto/node-key.ts';
import { type NodeRecord, signRecord } from '../io/crypto/node-record.ts';
import type { Primitives } from '../io/crypto/primitives.ts';
import type { BindDatagrams } from '../io/discovery/datagram-socket.ts';
import type { Discv4Hooks } from '../io/discovery/discv4-options.ts';
import { mayRelay } from '../io/discovery/relay-rules.ts';
import type { Clock } from '../io/process/clock.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { tableNetworksOf } from '../io/wire/ip-address.ts';
import type { NodeTable } from '../machines/discovery/table.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import type { LookupFinding, ServerMachineEvent } from '../machines/server/server-events.ts';

/** What a lookup looks for: distances are those of ids, and v4 sends the key that the id is made of. */
export type LookupTarget = {
  /** 64 hex digits. */
  readonly id: string;
  /** 128 hex digits. */
  readonly publicKey: string;
};

export type DiscoveryVersion = {
  readonly name: DiscoveryVersionName;
  /** With those that are named by a host. */
  readonly bootnodes: readonly Node[];
  /** Where datagrams arrive; null while the socket is not bound. */
  readonly address: Endpoint | null;
  readonly open: OpenDiscovery;
  /**
   * Asks the node for those that it knows near the target.
   *
   * @param done Called once, perhaps before this returns; null when the node did not answer.
   * @returns Cancels: `done` is not called after it.
   */
  ask(node: Node, target: LookupTarget, done: (nodes: readonly Node[] | null) => void): () => void;
  /** As `ask`: the node as its newest record describes it, null when it did not answer. */
  check(node: Node, done: (node: Node | null) => void): () => void;
  /** Asks the actors of this version to end. */
  abort(): void;
  /** Ends them at once, and closes the socket if it is still open. */
  destroy(): void;
};

export type DiscoveryHooks = {
  /** Null while this version is not running. */
  readonly table: () => NodeTable | null;
  /** Where the listener is bound; null without one. */
  readonly listenAddress: () => Endpoint | null;
  /** Our record now; null when our key does not sign. */
  readonly record: () => NodeRecord | null;
  readonly onClockDrift: NonNullable<Discv4Hooks['onClockDrift']>;
  readonly sendToRunLoop: (event: LookupFinding | EndpointStated) => void;
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

type EndpointStated = Extract<ServerMachineEvent, { type: 'endpoint.stated' }>;

/** What a node at `host` sees as our endpoint. */
export type Statement = { readonly host: string; readonly endpoint: Endpoint };

/** @throws {Error} Without a record there is no discovery. Ours is not signed yet: the port that it names is not bound. */
export function requireSigningKey(key: NodeKey, primitives: Primitives): void {
  try {
    signRecord({ seq: 0, entries: new Map() }, key, primitives);
  } catch (cause) {
    throw new Error('our key signs no node record', { cause });
  }
}

/** @throws {Error} The key has never signed one. */
export function recordFor({ record }: Pick<DiscoveryHooks, 'record'>): NodeRecord {
  const ours = record();
  if (!ours) throw new Error('our key signs no node record');
  return ours;
}

/** Where a version listens: port 0 stands for the port of the listener. */
export const listenPlace = (
  { host, port }: Endpoint,
  { listenAddress }: Pick<DiscoveryHooks, 'listenAddress'>,
): Endpoint => ({ host, port: port || (listenAddress()?.port ?? 0) });

/** Binds another port when the wanted one is in use, as the system chose it for the listener without asking for UDP. */
export const orAnyPort =
  (bind: BindDatagrams): BindDatagrams =>
  async (address, hooks) => {
    try {
      return await bind(address, hooks);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      return bind({ ...address, port: 0 }, hooks);
    }
  };

/** To the local node, unless the endpoint was left out, as by some clients, or is of no use to others. */
export function reportStatement(
  { host, endpoint }: Statement,
  clock: Clock,
  { sendToRunLoop }: Pick<DiscoveryHooks, 'sendToRunLoop'>,
): void {
  if (!mayRelay(endpoint.host, host)) return;
  sendToRunLoop({
    type: 'endpoint.stated',
    family: endpoint.host.includes(':') ? 'ipv6' : 'ipv4',
    voter: tableNetworksOf(host)?.bucket ?? host,
    endpoint,
    at: clock.now(),
  });
}

/** Of a version that cannot ask now. */
export function unasked(done: (node: null) => void): () => void {
  done(null);
  return () => {};
}
