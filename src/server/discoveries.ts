/** The versions of discovery of one server, each with its table, and the socket that they share. */
import type { DiscoveryTable, DiscoveryTableV5 } from '../api/discovery-table.ts';
import { discoveryResolver, firstFound } from '../io/adapters/discovery-resolver.ts';
import type { Node } from '../io/crypto/node.ts';
import type { NodeRecord } from '../io/crypto/node-record.ts';
import { parseRawPublicKey } from '../io/crypto/public-key.ts';
import type { Discv4Stats } from '../io/discovery/discv4.ts';
import type { Discv5Stats } from '../io/discovery/discv5-counts.ts';
import { SharedSocket } from '../io/discovery/shared-socket.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { NodeTable } from '../machines/discovery/table.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import type { ServerEmitted } from '../machines/server/server-events.ts';
import type { ServerConfig } from './config.ts';
import { Discovery } from './discovery.ts';
import { ServerDiscoveryTable, ServerDiscoveryTableV5 } from './discovery-table.ts';
import { DiscoveryV4 } from './discovery-v4.ts';
import { DiscoveryV5 } from './discovery-v5.ts';
import { type DiscoveryHooks, orAnyPort, unasked } from './discovery-version.ts';

export type DiscoveriesHooks = Omit<DiscoveryHooks, 'table'> & {
  /** Null while this version is not running. */
  readonly tableOf: (version: DiscoveryVersionName) => NodeTable | null;
};

type LookupWanted = Extract<ServerEmitted, { type: 'lookup.wanted' }>;

type Version<Protocol, Table> = {
  readonly protocol: Protocol;
  readonly discovery: Discovery;
  readonly table: Table;
};

export class Discoveries {
  readonly #v4: Version<DiscoveryV4, DiscoveryTable> | null;
  readonly #v5: Version<DiscoveryV5, DiscoveryTableV5> | null;

  /** Those that the option `discovery` names. */
  constructor(config: ServerConfig, { tableOf, ...shared }: DiscoveriesHooks) {
    const { discovery, ports, discv5Listen } = config;
    const { clock, random } = ports;
    const hooksOf = (version: DiscoveryVersionName): DiscoveryHooks => ({
      ...shared,
      table: () => tableOf(version),
    });
    const bind = config.listen?.port === 0 ? orAnyPort(ports.datagrams) : ports.datagrams;
    const isShared = discovery.length > 1 && !discv5Listen;
    const socket = isShared ? new SharedSocket({ bind, clock }) : null;
    const made = <Protocol extends DiscoveryV4 | DiscoveryV5>(protocol: Protocol) => ({
      protocol,
      discovery: new Discovery(config, protocol, hooksOf(protocol.name)),
      parts: { table: () => tableOf(protocol.name), random },
    });
    this.#v4 = null;
    this.#v5 = null;
    if (discovery.includes('v4')) {
      const { parts, ...v4 } = made(
        new DiscoveryV4(
          config,
          socket
            ? { bind: socket.bindOwner, onForeign: (datagram) => socket.handOver(datagram) }
            : { bind },
          hooksOf('v4'),
        ),
      );
      const stats = () => v4.protocol.stats;
      this.#v4 = { ...v4, table: new ServerDiscoveryTable(v4.discovery, { ...parts, stats }) };
    }
    if (discovery.includes('v5')) {
      const { parts, ...v5 } = made(
        new DiscoveryV5(config, socket?.bindGuest ?? bind, hooksOf('v5')),
      );
      const stats = () => v5.protocol.stats;
      const table = new ServerDiscoveryTableV5(v5.discovery, v5.protocol, { ...parts, stats });
      this.#v5 = { ...v5, table };
    }
  }

  /** The newest record of each node in a table that has one, by node id. */
  get records(): ReadonlyMap<string, NodeRecord> {
    const records = new Map<string, NodeRecord>();
    for (const table of [this.tableV4, this.tableV5])
      for (const { id, record } of table?.nodes() ?? [])
        if (record && record.seq > (records.get(id)?.seq ?? -1)) records.set(id, record);
    return records;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  get tableV4(): DiscoveryTable | null {
    return this.#v4?.table ?? null;
  }

  get tableV5(): DiscoveryTableV5 | null {
    return this.#v5?.table ?? null;
  }

  /** Null while its socket is not bound. */
  statsOf(version: DiscoveryVersionName): Discv4Stats | Discv5Stats | null {
    return this.#of(version)?.protocol.stats ?? null;
  }

  /** What the server machine invokes. */
  get machines() {
    return {
      ...(this.#v4 && { discovery: this.#v4.discovery.machine }),
      ...(this.#v5 && { discoveryV5: this.#v5.discovery.machine }),
    };
  }

  /** Where datagrams of a version arrive; null while its socket is not bound. */
  addressOf(version: DiscoveryVersionName): Endpoint | null {
    return this.#of(version)?.discovery.address ?? null;
  }

  /** Where others send datagrams, which our record claims. */
  get address(): Endpoint | null {
    return this.addressOf(this.#v4 ? 'v4' : 'v5');
  }

  /** Random nodes of each network, by the name of the source. */
  walks(): readonly { readonly name: string; readonly nodes: AsyncIterable<Node> }[] {
    return this.#all.map(({ protocol, discovery }) => ({
      name: `disc${protocol.name}`,
      nodes: discovery.walk(),
    }));
  }

  /** As {@link Discovery.hasFound}. */
  hasFound(host: string): boolean {
    return this.#all.some(({ discovery }) => discovery.hasFound(host));
  }

  /** The port `nodeResolver` of dials: both versions look, and the first one that finds the node ends it. */
  resolver() {
    const all = this.#all;
    if (all.length === 0) return null;
    return discoveryResolver<DialTarget>((target, done) => {
      if (target.publicKey === '') return unasked(done); // a lookup needs the key
      const node = nodeOf(target);
      return firstFound(
        all.map(
          ({ discovery }) =>
            (found) =>
              discovery.resolve(node, found),
        ),
        done,
      );
    });
  }

  startLookup(wanted: LookupWanted): void {
    this.#of(wanted.version)?.discovery.startLookup(wanted);
  }

  /** Asks everything to end. */
  abort(): void {
    for (const { discovery } of this.#all) discovery.abort();
  }

  /** Ends it at once, v5 first: the socket is that of v4. */
  destroy(): void {
    for (const { discovery } of this.#all.toReversed()) discovery.destroy();
  }

  get #all() {
    return [this.#v4, this.#v5].filter((version) => version !== null);
  }

  #of(version: DiscoveryVersionName) {
    return version === 'v4' ? this.#v4 : this.#v5;
  }
}

/** A target has no port for datagrams: most nodes use one number for both. */
const nodeOf = ({ id, publicKey, host, hostKind, tcpPort }: DialTarget): Node => ({
  ...{ id, host, hostKind, tcpPort, udpPort: tcpPort, record: null, text: '' },
  publicKey: parseRawPublicKey(Buffer.from(publicKey, 'hex')),
});
