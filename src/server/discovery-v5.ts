/** Node Discovery v5 of one server: its socket, and its sessions, each a root actor. */
import { discv5Handshake } from '../io/adapters/discv5-handshake.ts';
import { checkNode, type OpenedDiscovery, type OpenHooks } from '../io/adapters/udp-network.ts';
import type { Node } from '../io/crypto/node.ts';
import type { BindDatagrams } from '../io/discovery/datagram-socket.ts';
import { Discv5 } from '../io/discovery/discv5.ts';
import type { Discv5Stats } from '../io/discovery/discv5-counts.ts';
import { MAX_SESSIONS, type SessionStart } from '../io/discovery/discv5-sessions.ts';
import type { TalkResult } from '../io/discovery/request-results.ts';
import { MAX_TALK_PROTOCOLS, type TalkHandler } from '../io/discovery/talk-handlers.ts';
import { BoundedMap } from '../io/process/bounded-map.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { discv5SessionMachine } from '../machines/discovery/discv5-session.ts';
import { lookupDistances } from '../machines/discovery/lookup-distances.ts';
import { entriesOf, liveAt } from '../machines/discovery/table.ts';
import { ActorRoster } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';
import {
  type DiscoveryHooks,
  type DiscoveryVersion,
  type LookupTarget,
  listenPlace,
  recordFor,
  reportStatement,
  requireSigningKey,
  unasked,
} from './discovery-version.ts';

/** Nodes that came to us and are pinged at once; others are not asked until they come again. Ours. */
const MAX_PROBES = 64;

type Registered = { readonly handler: TalkHandler; detach: () => void };

export class DiscoveryV5 implements DiscoveryVersion {
  readonly name = 'v5';
  readonly #config: ServerConfig;
  readonly #bind: BindDatagrams;
  readonly #hooks: DiscoveryHooks;
  readonly #sessions: ActorRoster<typeof discv5SessionMachine>;
  /** By protocol; at most MAX_TALK_PROTOCOLS. They outlast the socket. */
  readonly #talkHandlers = new Map<string, Registered>();
  /** Ids of nodes that came to us and are being pinged. At most MAX_PROBES. */
  readonly #probes = new Set<string>();
  /** Of records that we asked nodes for, by node id. */
  readonly #askedSeqs = new BoundedMap<string, number>(MAX_SESSIONS);
  /** Null while the socket is not bound. */
  #discv5: Discv5 | null = null;

  /** @param bind Binds the socket that v4 shares, or one of its own. */
  constructor(config: ServerConfig, bind: BindDatagrams, hooks: DiscoveryHooks) {
    this.#config = config;
    this.#bind = bind;
    this.#hooks = hooks;
    const { inspection, onFault } = hooks;
    this.#sessions = new ActorRoster({
      logic: discv5SessionMachine.provide({
        actors: {
          handshake: discv5Handshake(
            (target, report) => this.#discv5?.openSession(target, report) ?? null,
          ),
        },
      }),
      ...{ name: 'discv5-session', clock: config.ports.clock, inspection, onFault },
    });
  }

  get bootnodes(): readonly Node[] {
    return this.#config.bootnodesV5;
  }

  get address(): Endpoint | null {
    return this.#discv5?.local ?? null;
  }

  /** Null while the socket is not bound. */
  get stats(): Discv5Stats | null {
    return this.#discv5?.stats() ?? null;
  }

  readonly open = async (reports: OpenHooks): Promise<OpenedDiscovery> => {
    const { key, ports, netRestrict, nodeStore } = this.#config;
    const { clock, primitives, random, unixTimeMs } = ports;
    const { onFault } = this.#hooks;
    const record = () => recordFor(this.#hooks);
    requireSigningKey(key, primitives);
    const address = listenPlace(
      this.#config.discv5Listen ?? this.#config.discoveryListen,
      this.#hooks,
    );
    const discv5 = await Discv5.bind(address, this.#bind, reports, {
      ...{ key, primitives, clock, random, record, isAllowed: netRestrict },
      nodesAt: (distance) => {
        const table = this.#hooks.table();
        return table ? liveAt(table, distance) : [];
      },
      recordOf: (id) => this.#known(id)?.record ?? null,
      startSession: (start) => this.#startSession(start),
      hooks: {
        onStatement: (statement) => reportStatement(statement, clock, this.#hooks),
        onPing: ({ node, from, seq }) => this.#readNewer(node, from, seq),
        onNode: ({ node }) => this.#probe(node, reports),
        onRecord: ({ node }) => this.#probe(node, reports),
        onFault: (error) => onFault(error, 'discv5'),
      },
    });
    if (!this.#hooks.table()) return discv5; // the server stopped meanwhile, and the adapter closes it
    this.#discv5 = discv5;
    for (const [protocol, registered] of this.#talkHandlers)
      registered.detach = discv5.handleTalk(protocol, registered.handler);
    return {
      local: discv5.local,
      ping: (node, done) =>
        discv5.ping(node, (result) => {
          if (result.type === 'pong') nodeStore.ponged(node.id, node.host, unixTimeMs());
          done(result);
        }),
      requestRecord: (node, done) => discv5.requestRecord(node, done),
      close: () => {
        discv5.close();
        if (this.#discv5 === discv5) this.#discv5 = null;
      },
    };
  };

  /** A node names only nodes of the distances that it was asked for. */
  ask(node: Node, { id }: LookupTarget, done: (nodes: readonly Node[] | null) => void): () => void {
    if (!this.#discv5) return unasked(done);
    return this.#discv5.findNode(node, lookupDistances(id, node.id), (result) =>
      done(result.type === 'nodes' ? result.nodes : null),
    );
  }

  check(node: Node, done: (node: Node | null) => void): () => void {
    return this.#discv5 ? checkNode(this.#discv5, node, done) : unasked(done);
  }

  /** @param done Called once, perhaps before this returns; not after the cancel. @returns Cancels. */
  talk(
    node: Node,
    protocol: string,
    payload: Uint8Array,
    done: (result: TalkResult) => void,
  ): () => void {
    if (this.#discv5) return this.#discv5.talk(node, protocol, payload, done);
    done({ type: 'refused', why: 'closed' });
    return () => {};
  }

  /**
   * A handler that was there before is replaced.
   *
   * @returns Removes the handler.
   * @throws {RangeError} There are handlers for 64 protocols.
   */
  handleTalk(protocol: string, handler: TalkHandler): () => void {
    if (!this.#talkHandlers.has(protocol) && this.#talkHandlers.size >= MAX_TALK_PROTOCOLS)
      throw new RangeError(`there are handlers for ${MAX_TALK_PROTOCOLS} protocols already`);
    this.#talkHandlers.get(protocol)?.detach();
    const detach = this.#discv5?.handleTalk(protocol, handler) ?? (() => {});
    const registered: Registered = { handler, detach };
    this.#talkHandlers.set(protocol, registered);
    return () => {
      registered.detach();
      if (this.#talkHandlers.get(protocol) === registered) this.#talkHandlers.delete(protocol);
    };
  }

  abort(): void {
    this.#sessions.sendToAll({ type: 'stop' });
  }

  destroy(): void {
    this.#sessions.destroy();
    this.#discv5?.close();
    this.#discv5 = null;
  }

  #startSession(start: SessionStart): void {
    const { target } = start;
    this.#sessions.start({
      key: `${target.number}`,
      label: `${target.id.slice(0, 8)}:${target.number}`,
      input: start,
      otherwise: { outcome: 'closed' },
      onEnd: () => {},
    });
  }

  /** A node has a record that we do not know: it may have moved, or found out where others see it. */
  #readNewer(node: Node, { host, port: udpPort }: Endpoint, seq: number): void {
    const { id } = node;
    const known = Math.max(node.record?.seq ?? 0, this.#known(id)?.record?.seq ?? 0);
    if (seq <= known || seq <= (this.#askedSeqs.get(id) ?? 0)) return;
    this.#askedSeqs.set(id, seq);
    this.#discv5?.requestRecord({ ...node, host, udpPort }, () => {}); // `onRecord` has the answer
  }

  /** A record says where the node is, and that is shown by an answer from there only. */
  #probe(node: Node, reports: OpenHooks): void {
    const { id, host, udpPort } = node;
    const known = this.#known(id);
    const isKnown =
      known?.host === host && known.udpPort === udpPort && known.record?.seq === node.record?.seq;
    if (isKnown || this.#probes.has(id) || this.#probes.size >= MAX_PROBES) return;
    this.#probes.add(id);
    this.#discv5?.ping(node, ({ type }) => {
      this.#probes.delete(id);
      if (type === 'pong') reports.onProven(node);
    });
  }

  #known(id: string): Node | null {
    const table = this.#hooks.table();
    return (table && entriesOf(table).find((entry) => entry.id === id)?.node) ?? null;
  }
}
