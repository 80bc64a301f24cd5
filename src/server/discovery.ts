/**
 * Finding nodes for one server with one version of discovery: lookups, walks and the names of bootnodes, each a root actor.
 * What is looked for, checked and kept is decided by the machine `table-maintenance`, which the server machine invokes;
 * how nodes are asked is left to the version.
 */
import { resolveNode } from '../io/adapters/discovery-resolver.ts';
import { nodeAsker } from '../io/adapters/node-asker.ts';
import { tableStore } from '../io/adapters/table-store.ts';
import { type OpenedDiscovery, type OpenHooks, udpNetwork } from '../io/adapters/udp-network.ts';
import { type Node, nodeAt } from '../io/crypto/node.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import { RandomWalk } from '../io/discovery/random-walk.ts';
import { BoundedMap } from '../io/process/bounded-map.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { hexOf } from '../io/wire/hex.ts';
import { bootnodeNameMachine } from '../machines/discovery/bootnode-name.ts';
import { type LookupOutput, lookupMachine } from '../machines/discovery/lookup.ts';
import { BUCKET_SIZE, closest } from '../machines/discovery/table.ts';
import { tableMaintenanceMachine } from '../machines/discovery/table-maintenance.ts';
import type { LookupFinding } from '../machines/server/server-events.ts';
import { ActorRoster } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';
import { type DiscoveryHooks, type DiscoveryVersion, unasked } from './discovery-version.ts';

/** Lookups at once; others end without a result. Ours: each asks three nodes at a time. */
const MAX_LOOKUPS = 16;

/** Addresses that a walk gave and that may be dialled. Ours: more than a lookup can find. */
const MAX_FOUND_HOSTS = 4_096;

/** Bytes of a public key as discovery writes it. */
const KEY_BYTES = 64;

export type LookupHooks = {
  readonly onFound?: (node: Node) => void;
  /** Called once, perhaps at once. */
  readonly onEnd: (output: LookupOutput) => void;
};

type Finding = WithoutVersion<LookupFinding>;
type WithoutVersion<Event> = Event extends unknown ? Omit<Event, 'version'> : never;

/** Of a lookup that did not run, or was destroyed. */
const NOTHING: LookupOutput = {
  outcome: 'cancelled',
  nodes: [],
  found: [],
  answered: [],
  failed: [],
};

export class Discovery {
  readonly #config: ServerConfig;
  readonly #version: DiscoveryVersion;
  readonly #hooks: DiscoveryHooks;
  readonly #lookups: ActorRoster<typeof lookupMachine>;
  readonly #names: ActorRoster<typeof bootnodeNameMachine>;
  /** Public keys of targets, by node id. */
  readonly #targets = new BoundedMap<string, string>(2 * MAX_LOOKUPS);
  /** Addresses that a walk gave. At most `MAX_FOUND_HOSTS`. */
  readonly #found = new BoundedMap<string, true>(MAX_FOUND_HOSTS);
  #lookupCount = 0;
  /** What the server machine invokes. */
  readonly machine;

  /** @param hooks Those of the version. */
  constructor(config: ServerConfig, version: DiscoveryVersion, hooks: DiscoveryHooks) {
    this.#config = config;
    this.#version = version;
    this.#hooks = hooks;
    const { clock } = config.ports;
    const { inspection, onFault } = hooks;
    this.machine = tableMaintenanceMachine.provide({
      actors: {
        network: udpNetwork((reports) => this.#open(reports)),
        store: tableStore(config.nodeStore),
      },
    });
    this.#lookups = new ActorRoster({
      logic: lookupMachine.provide({
        actors: {
          asker: nodeAsker((node, id, done) => {
            const publicKey = this.#targets.get(id);
            return publicKey === undefined
              ? unasked(done)
              : version.ask(node, { id, publicKey }, done);
          }),
        },
      }),
      ...{ name: 'lookup', clock, inspection, onFault },
    });
    this.#names = new ActorRoster({
      logic: bootnodeNameMachine.provide({ actors: { resolver: config.ports.resolver } }),
      ...{ name: 'bootnode-name', clock, inspection, onFault },
    });
  }

  /** Where datagrams arrive; null while the socket is not bound. */
  get address(): Endpoint | null {
    return this.#version.address;
  }

  /**
   * Looks for the nodes closest to a target, and tells the table what it found.
   *
   * @param target Public key, 128 hex digits; null for a random one.
   * @returns Cancels: it ends as cancelled.
   */
  lookUp(target: string | null, { onFound, onEnd }: LookupHooks): () => void {
    return this.#runLookup(target, {
      ...(onFound && { onFound }),
      onEnd: (output) => {
        const { found: nodes, answered, failed } = output;
        this.#tell({ type: 'nodes.found', nodes, answered, failed });
        onEnd(output);
      },
    });
  }

  /** The lookup that the machine wants. */
  startLookup({ lookupId, target }: { readonly lookupId: number; readonly target: string | null }) {
    this.#runLookup(target, {
      onEnd: ({ found: nodes, answered, failed }) =>
        this.#tell({ type: 'lookup.ended', lookupId, nodes, answered, failed }),
    });
  }

  /** Where the node is now, as it says itself; null when it is not found. @returns Cancels. */
  resolve(node: Node, done: (node: Node | null) => void): () => void {
    return resolveNode(
      {
        check: (candidate, onChecked) => this.#version.check(candidate, onChecked),
        lookUp: ({ publicKey }, { onFound, onEnd }) =>
          this.lookUp(publicKeyHex(publicKey), { onFound, onEnd }),
      },
      node,
      done,
    );
  }

  /** Random nodes of the network, as long as they are wanted. Of each it remembers that it was given. */
  walk(): AsyncIterable<Node> {
    const { clock } = this.#config.ports;
    return new RandomWalk({
      clock,
      lookUp: (onNode, onEnd) =>
        this.lookUp(null, {
          onFound: (node) => {
            this.#found.set(node.host, true);
            onNode(node);
          },
          onEnd: () => onEnd(),
        }),
      onNothingFound: () => this.#tell({ type: 'refresh.wanted' }),
    });
  }

  /** Whether a walk gave a node at this address. The rules for what nodes may say of others were applied to it. */
  hasFound(host: string): boolean {
    return this.#found.has(host);
  }

  /** Asks every lookup, every search for a bootnode and the version to end. */
  abort(): void {
    this.#names.sendToAll({ type: 'stop' });
    this.#lookups.sendToAll({ type: 'stop' });
    this.#version.abort();
  }

  /** Ends them at once, and closes the socket if it is still open. */
  destroy(): void {
    this.#names.destroy();
    this.#lookups.destroy();
    this.#version.destroy();
  }

  /** Nothing is told to a server that has stopped. */
  #tell(finding: Finding): void {
    const version = this.#version.name;
    if (this.#hooks.table()) this.#hooks.sendToRunLoop({ version, ...finding });
  }

  async #open(reports: OpenHooks): Promise<OpenedDiscovery> {
    const opened = await this.#version.open(reports);
    if (!this.#hooks.table()) return opened; // the server stopped meanwhile
    for (const node of this.#version.bootnodes) if (node.hostKind === 'name') this.#findName(node);
    return opened;
  }

  #findName(node: Node): void {
    const { id, host, udpPort, tcpPort, publicKey } = node;
    this.#names.start({
      key: `${id} ${host}`,
      label: id.slice(0, 8),
      input: { host },
      otherwise: { address: null },
      onEnd: ({ address }) => {
        if (address === null) return;
        const found = nodeAt({ id, publicKey, host: address, udpPort, tcpPort });
        this.#tell({ type: 'bootnodes.found', nodes: [found] });
      },
    });
  }

  #runLookup(target: string | null, { onFound, onEnd }: LookupHooks): () => void {
    const table = this.#hooks.table();
    if (!table || this.#lookups.actors.length >= MAX_LOOKUPS) {
      onEnd(NOTHING);
      return () => {};
    }
    const { random, primitives } = this.#config.ports;
    const publicKey = target ? Buffer.from(target, 'hex') : random(KEY_BYTES);
    const targetId = hexOf(primitives.keccak256(publicKey));
    this.#targets.set(targetId, hexOf(publicKey));
    this.#lookupCount += 1;
    const key = `${this.#lookupCount}`;
    this.#lookups.start({
      key,
      input: {
        targetId,
        selfId: this.#config.key.id,
        seeds: closest(table, targetId, BUCKET_SIZE),
      },
      onEmitted: ({ node }) => onFound?.(node),
      otherwise: NOTHING,
      onEnd,
    });
    return () => this.#lookups.get(key)?.send({ type: 'stop' });
  }
}
