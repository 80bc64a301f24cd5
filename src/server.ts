/** The public API of the server, and the one place where machines meet sockets, keys and clocks. */
import { createActor } from 'xstate';
import { Inspection } from './actors/inspection.ts';
import type { DiscoveryTable, DiscoveryTableV5 } from './api/discovery-table.ts';
import type { DnsTreeStats } from './api/dns-tree-stats.ts';
import { EventFeed, type FeedIterator } from './api/event-feed.ts';
import type { ConnectionStateChange, LiveConnection } from './api/live-connection.ts';
import type { MetricsRegistry, ServerOptions } from './api/options.ts';
import type { Peer } from './api/peer.ts';
import { ServerError } from './api/server-error.ts';
import type { ServerEvent, ServerEvents } from './api/server-events.ts';
import { reportRejection } from './api/user-call.ts';
import type { Outcome } from './explain/explain.ts';
import { type Node, type NodeLike, parseNode } from './io/crypto/node.ts';
import type { PeerSet } from './machines/connection/connection.ts';
import { phaseOf } from './machines/server/server-phase.ts';
import { Attachments, type OpenAttachment } from './server/attachments.ts';
import { CandidateFilter } from './server/candidate-filter.ts';
import { withSources } from './server/candidates.ts';
import { carryOut, reportEnding } from './server/carry-out.ts';
import { Circumstances } from './server/circumstances.ts';
import { checkOptions, type ServerConfig } from './server/config.ts';
import { Connections } from './server/connections.ts';
import { Discoveries } from './server/discoveries.ts';
import { DnsTrees } from './server/dns-trees.ts';
import { provideAdapters } from './server/machine-adapters.ts';
import { machineInput, targetOf } from './server/machine-input.ts';
import {
  type NodeInfo,
  nodeInfoOf,
  type OwnPlace,
  type PeerInfo,
  peerInfoOf,
  type Self,
  selfOf,
} from './server/node-info.ts';
import type { ObservedServer } from './server/observation.ts';
import { ownRecord } from './server/own-record.ts';
import { ProtocolHooks } from './server/protocol-hooks.ts';
import { RunLoopClient } from './server/run-loop-client.ts';
import { Metrics } from './telemetry/metrics.ts';
import { ServerLog } from './telemetry/server-log.ts';

/** Packets of discovery have an expiry, so that a clock that is wrong makes all others silent. */
const CLOCK_REMEDY = 'Set the clock of this machine: it differs from that of other nodes.';

/** An embeddable devp2p server with one key and one listening address. After `stop()` it cannot be started again. */
export class Server implements AsyncDisposable, ObservedServer {
  /** The XState actor of the server: read or subscribe, never send. */
  readonly actor;
  readonly #attachments: Attachments;
  readonly #circumstances: Circumstances;
  readonly #config: ServerConfig;
  readonly #connections: Connections;
  readonly #discoveries: Discoveries;
  readonly #dnsTrees: DnsTrees | null;
  readonly #feed: EventFeed<ServerEvents>;
  readonly #log: ServerLog;
  readonly #metrics: Metrics;
  readonly #runLoop: RunLoopClient;
  readonly #states: EventFeed<{ change: ConnectionStateChange }>;

  /** @throws {TypeError} Names each wrong option. @throws {RangeError} `nodeKey` is not a valid secret key. */
  constructor(options: ServerOptions) {
    const checked = checkOptions(options);
    this.#circumstances = new Circumstances(checked.ports.clock, {
      offersNothing: checked.protocols.length === 0,
    });
    const { clock } = this.#circumstances;
    const base = { ...checked, ports: { ...checked.ports, clock } };
    const { key } = base;
    this.#log = new ServerLog(base.logger, clock);
    const { fault } = this.#log;
    this.#feed = new EventFeed((error) => fault(error, 'an event listener'));
    this.#states = new EventFeed((error) => fault(error, 'a listener of connection states'));
    const inspection = new Inspection((error) => fault(error, 'the inspector'));
    const { inspect: onInspected } = base;
    if (onInspected)
      inspection.watch({
        onEvent: (event) =>
          reportRejection(onInspected(event), (error) => fault(error, 'the inspector')),
        onFound: () => {},
        onRootEnded: () => {},
      });
    this.#discoveries = new Discoveries(base, {
      tableOf: (version) => {
        const { discovery, discoveryV5 } = this.actor.getSnapshot().children;
        return (version === 'v4' ? discovery : discoveryV5)?.getSnapshot().context.table ?? null;
      },
      listenAddress: () => this.actor.getSnapshot().context.address,
      record: () => ownRecord(this.actor),
      onClockDrift: ({ byMs }) => this.#log.warn('no node answers', { remedy: CLOCK_REMEDY, byMs }),
      sendToRunLoop: (event) => this.actor.send(event),
      inspection,
      onFault: fault,
    });
    this.#dnsTrees =
      base.dnsTrees.length === 0
        ? null
        : new DnsTrees(base, {
            onRootFailed: (url, why) =>
              this.#log.warn('a DNS node list cannot be read', { url, why }),
            ...{ inspection, onFault: fault },
          });
    const filter =
      base.candidateFilter &&
      new CandidateFilter({
        ...{ filter: base.candidateFilter, clock: base.ports.clock },
        onFault: (error) => fault(error, 'candidateFilter'),
      });
    const config: ServerConfig = withSources(base, this.#discoveries, this.#dnsTrees, {
      filter,
      onSourceEnded: (name, error) =>
        this.#log.warn('a source of nodes ended', { source: name, error }),
    });
    const { ports } = config;
    this.#config = config;
    this.actor = inspection.createRoot((inspect) =>
      createActor(provideAdapters(config, this.#discoveries), {
        id: 'server',
        clock: ports.clock,
        input: machineInput(config),
        ...(inspect && { inspect }),
      }),
    );
    this.#runLoop = new RunLoopClient(this.actor);
    const ends = { feed: this.#feed, circumstances: this.#circumstances };
    const report = (ending: Outcome, id: string | null): void => reportEnding(ending, id, ends);
    this.#connections = new Connections(config, {
      sendToRunLoop: (event) => this.actor.send(event),
      runLoop: this.actor,
      inspection,
      isTrusted: (id) => this.#runLoop.trusts(id),
      onPeer: (peer) => this.#feed.emit({ type: 'add', peer }),
      onMessage: (type, message) => this.#feed.emit({ type, ...message }),
      onEnded: (connection, id) => report({ type: 'ended', ...connection }, id),
      onFailedDial: (dial) => report({ type: 'dialFailed', ...dial }, dial.target.id),
      onState: (change) => this.#states.emit({ type: 'change', ...change }),
      hasStateListeners: () => this.#states.hasListeners,
      onFault: fault,
    });
    this.#log.follow({
      actor: this.actor,
      feed: this.#feed,
      id: key.id,
      peerCount: () => this.peerCount,
      ownEnodes: config.ownEnodes,
      missingPrimitives: config.primitivesInUse.missing,
    });
    this.#metrics = new Metrics(config.metrics, {
      clock: ports.clock,
      traffic: this.#connections.traffic,
      budgets: this.#connections.budgets,
      peers: () => this.peers,
      pending: () => this.#connections.setups.directions,
      discovery: () => ({ v4: this.discovery, v5: this.discoveryV5 }),
      passedOver: () => filter?.passedOver ?? [],
      isOver: () => this.#hasStopped(),
      onChurn: (listener) => {
        this.actor.on('peer.churned', ({ direction }) => listener(direction));
        this.actor.on('churn.skipped', () => listener(null));
      },
      on: (type, listener) => this.#feed.on(type, listener),
    });
    this.#attachments = new Attachments({
      ...{ server: this, inspection, clock: ports.clock, onFault: fault },
      statsOf: (connectionId) => this.#connections.peers.statsOf(connectionId),
      slotHolders: () => this.#connections.setups.slotHolders,
      discoveryOf: (version) => ({
        bootnodes: (version === 'v4' ? config.bootnodes : config.bootnodesV5).length,
        stats: this.#discoveries.statsOf(version),
      }),
    });
    const parts = {
      ...{ config, feed: this.#feed, connections: this.#connections },
      ...{ discoveries: this.#discoveries, dnsTrees: this.#dnsTrees },
      ...{ circumstances: this.#circumstances, log: this.#log },
      protocolHooks: new ProtocolHooks(config.protocols, fault),
    };
    this.actor.on('*', (event) => carryOut(event, parts));
    this.actor.subscribe({ error: (error) => fault(error, 'the server') });
    this.actor.start();
  }

  /**
   * Starts everything in order. When a step fails, the steps before it are undone and the server may be started again.
   * @throws {ServerError} `alreadyRunning`, `stopped` or `startFailed`.
   */
  async start(): Promise<void> {
    if (this.#hasStopped() || phaseOf(this.actor.getSnapshot()) === 'stopping')
      throw new ServerError('stopped', 'a stopped server cannot be started');
    if (!this.actor.getSnapshot().matches('idle'))
      throw new ServerError('alreadyRunning', 'the server is already started');
    const started = this.#runLoop.until(['started', 'start.failed', 'stopped']);
    this.actor.send({ type: 'start' });
    const event = await started;
    if (event.type === 'start.failed')
      throw new ServerError('startFailed', `start failed at ${event.step}: ${event.message}`);
    if (event.type === 'stopped') throw new ServerError('stopped', 'stopped while it was starting');
  }

  /**
   * Disconnects every peer and releases everything, within 5 s; then closes what is attached. Afterwards `events()` ends
   * and the metrics registry can be used by another server, also when this one was never started.
   */
  async stop(): Promise<void> {
    if (!this.#hasStopped()) {
      const stopped = this.#runLoop.until(['stopped']);
      this.actor.send({ type: 'stop' });
      await stopped;
    }
    await this.#attachments.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Keeps this node connected: dials it when a slot is free, and again after it disconnects. For a known id, replaces the address.
   * @throws {TypeError} `node` is no enode URL and no node record, or is this node: unlike in a list of nodes, that is a mistake.
   * @throws {ServerError} `notRunning`, `tooManyStatic`.
   */
  addPeer(node: NodeLike): void {
    this.#runLoop.assertRunning();
    const named = this.#parseOther(node);
    this.#runLoop.keep(targetOf(named));
    this.#connections.expectedHosts.add('static', named);
  }

  /**
   * Stops dialling this node and disconnects it; resolves once it is not a peer, which is after its handlers have
   * returned. A handler that awaits the removal of its own peer is abandoned after 4 s at most, and continues then.
   * @throws {TypeError} `node` is no enode URL and no node record. @throws {ServerError} `notRunning`.
   */
  async removePeer(node: NodeLike): Promise<void> {
    this.#runLoop.assertRunning();
    const { id } = parseNode(node);
    this.#connections.expectedHosts.remove('static', id);
    await this.#runLoop.remove(id);
  }

  /**
   * Exempts this node from the limits; takes effect at once when it is already a peer.
   * @throws {TypeError} `node` is no enode URL and no node record, or is this node. @throws {ServerError} `notRunning`, `tooManyTrusted`.
   */
  addTrustedPeer(node: NodeLike): void {
    this.#runLoop.assertRunning();
    const named = this.#parseOther(node);
    this.#runLoop.trust(named.id);
    this.#connections.expectedHosts.add('trusted', named);
  }

  /**
   * Ends the exemption; no peer is disconnected.
   * @throws {TypeError} `node` is no enode URL and no node record. @throws {ServerError} `notRunning`.
   */
  removeTrustedPeer(node: NodeLike): void {
    this.#runLoop.assertRunning();
    const { id } = parseNode(node);
    this.#connections.expectedHosts.remove('trusted', id);
    this.actor.send({ type: 'trusted.remove', id });
  }

  /**
   * Calls `fn` once with the peers; none is added or dropped before its first `await`. Resolves with its result, and
   * rejects with what it throws.
   * @throws {ServerError} `notRunning`.
   */
  async withPeers<Result>(fn: (peers: readonly Peer[]) => Result): Promise<Awaited<Result>> {
    return this.#runLoop.ask((set) => fn(this.#peersIn(set)));
  }

  /** The current peers, oldest first; none before `start()` and after `stop()`. */
  get peers(): readonly Peer[] {
    return this.#peersIn(this.actor.getSnapshot().context.peers);
  }

  get peerCount(): number {
    return this.peers.length;
  }

  /**
   * Every dial, connection in setup and peer with the state of its chart, as they are now; empty before `start()` and
   * after `stop()`.
   */
  connections(): readonly LiveConnection[] {
    return this.#connections.live;
  }

  /**
   * Calls `listener` with each change of state of what `connections()` lists, the first and the last state included.
   * What it throws, or its promise rejects with, is logged.
   * @returns A function that removes the listener.
   */
  onConnectionState(listener: (change: ConnectionStateChange) => unknown): () => void {
    return this.#states.on('change', listener);
  }

  /** Every peer in the shape of go-ethereum's `admin_peers`, sorted by id. */
  peersInfo(): readonly PeerInfo[] {
    const sources = {
      offered: this.#config.protocols,
      records: this.#discoveries.records,
      onFault: this.#log.fault,
    };
    return this.peers
      .map((peer) => peerInfoOf(peer, sources))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** This node in the shape of go-ethereum's `admin_nodeInfo`. */
  nodeInfo(): NodeInfo {
    return nodeInfoOf(this.#config, this.#place, this.#log.fault);
  }

  /** The nodes that Node Discovery v4 has found; null when the option `discovery` does not name it. */
  get discovery(): DiscoveryTable | null {
    return this.#discoveries.tableV4;
  }

  /** The same of Node Discovery v5, which also passes messages of other protocols. */
  get discoveryV5(): DiscoveryTableV5 | null {
    return this.#discoveries.tableV5;
  }

  /** The DNS node lists that are read now: those of the option `dnsTrees`, and those that they link to. */
  get dnsTrees(): readonly DnsTreeStats[] {
    return this.#dnsTrees?.stats() ?? [];
  }

  /** The metrics of this server; `await server.metrics.metrics()` gives their text. */
  get metrics(): MetricsRegistry {
    return this.#metrics.registry;
  }

  get self(): Self {
    return selfOf(this.#config, this.#place);
  }

  get #place(): OwnPlace {
    return {
      record: ownRecord(this.actor),
      address: this.actor.getSnapshot().context.address,
      datagrams: this.#discoveries.address,
    };
  }

  /**
   * Calls `listener` for each event of `type`. What it throws, or its promise rejects with, is logged.
   * @returns A function that removes the listener.
   */
  on<Type extends keyof ServerEvents>(
    type: Type,
    listener: (event: { readonly type: Type } & ServerEvents[Type]) => unknown,
  ): () => void {
    return this.#feed.on(type, listener);
  }

  /**
   * Hands `open` an observation of this server, before the start too, and keeps what it returns until the server
   * stops; `stop()` waits until it is closed, so it should close within 500 ms. `inspect` and `record` of
   * `peerchart/inspect` attach in this way.
   * @returns What `open` returned. @throws {ServerError} `stopped`, also when the server stopped while it was opened.
   */
  attach<Attachment extends AsyncDisposable>(
    open: OpenAttachment<Attachment>,
  ): Promise<Attachment> {
    return this.#attachments.attach(open);
  }

  /** Every event from now on, until `signal`, `return()` or the end of the server. */
  events(signal?: AbortSignal): FeedIterator<ServerEvent> {
    return this.#feed.iterate(signal);
  }

  #parseOther(given: NodeLike): Node {
    const node = parseNode(given);
    if (node.id === this.#config.key.id) throw new TypeError('this node cannot be its own peer');
    return node;
  }

  #peersIn(set: PeerSet): readonly Peer[] {
    return [...set.values()].flatMap(
      ({ connectionId }) => this.#connections.peers.get(connectionId) ?? [],
    );
  }

  #hasStopped(): boolean {
    return this.actor.getSnapshot().status !== 'active';
  }
}
