/** The server: its public face, and the one place where the charts meet sockets, keys and clocks. */
import { createActor } from 'xstate';
import { Inspection } from './actors/inspection.ts';
import { EventFeed, type FeedIterator } from './api/event-feed.ts';
import type { MetricsRegistry, ServerOptions } from './api/options.ts';
import type { Peer } from './api/peer.ts';
import { ServerError } from './api/server-error.ts';
import type { ServerEvent, ServerEvents } from './api/server-events.ts';
import { explain, type Outcome } from './explain/explain.ts';
import { type Enode, parseEnode } from './io/crypto/enode.ts';
import type { PeerSet } from './machines/connection/connection.ts';
import type { ServerEmitted } from './machines/server/server-events.ts';
import { phaseOf } from './machines/server/server-phase.ts';
import { Attachments, type OpenAttachment } from './server/attachments.ts';
import { checkOptions, type ServerConfig } from './server/config.ts';
import { Connections } from './server/connections.ts';
import { warnOfFewFiles } from './server/file-limit-warning.ts';
import { provideAdapters } from './server/machine-adapters.ts';
import { machineInput, targetOf } from './server/machine-input.ts';
import {
  type NodeInfo,
  nodeInfoOf,
  type PeerInfo,
  peerInfoOf,
  type Self,
  selfOf,
} from './server/node-info.ts';
import type { ObservedServer } from './server/observation.ts';
import { RunLoopClient } from './server/run-loop-client.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { ServerLog } from './telemetry/server-log.ts';

/** An embeddable devp2p server. One key, one listening address, one life: it cannot be started again after `stop()`. */
export class Server implements AsyncDisposable, ObservedServer {
  /** The chart of the server itself: look at it, do not send to it. */
  readonly actor;
  /** Everything this server counts; scrape it with `await server.metrics.metrics()`. */
  readonly metrics: MetricsRegistry;
  readonly #attachments: Attachments;
  readonly #config: ServerConfig;
  readonly #connections: Connections;
  readonly #feed: EventFeed<ServerEvents>;
  readonly #log: ServerLog;
  readonly #runLoop: RunLoopClient;

  /** @throws {TypeError} Names each option that is wrong. @throws {RangeError} `nodeKey` is no secret key. */
  constructor(options: ServerOptions) {
    const config = checkOptions(options);
    const { key, ports } = config;
    this.#config = config;
    this.#log = new ServerLog(config.logger, ports.clock);
    const { fault } = this.#log;
    this.#feed = new EventFeed((error) => fault(error, 'a listener of an event'));
    const inspection = new Inspection((error) => fault(error, 'the inspector'));
    if (config.inspect)
      inspection.watch({ onEvent: config.inspect, onFound: () => {}, onRootEnded: () => {} });
    this.actor = inspection.createRoot((inspect) =>
      createActor(provideAdapters(config), {
        id: 'server',
        clock: ports.clock,
        input: machineInput(config),
        ...(inspect && { inspect }),
      }),
    );
    this.#runLoop = new RunLoopClient(this.actor);
    this.#connections = new Connections(config, {
      sendToRunLoop: (event) => this.actor.send(event),
      runLoop: this.actor,
      inspection,
      isTrusted: (id) => this.#runLoop.trusts(id),
      onPeer: (peer) => this.#feed.emit({ type: 'add', peer }),
      onMessage: (type, message) => this.#feed.emit({ type, ...message }),
      onEnded: (connection) => this.#tell({ type: 'ended', ...connection }),
      onFailedDial: (dial) => this.#tell({ type: 'dialFailed', ...dial }),
      onFault: fault,
    });
    this.#log.follow({
      actor: this.actor,
      feed: this.#feed,
      id: key.id,
      peerCount: () => this.peerCount,
    });
    this.metrics = config.metrics;
    createMetrics(config.metrics, {
      clock: ports.clock,
      traffic: this.#connections.traffic,
      budgets: this.#connections.budgets,
      peers: () => this.peers,
      pending: () => this.#connections.setups.directions,
      isOver: () => this.#isOver(),
      on: (type, listener) => this.#feed.on(type, listener),
    });
    this.#attachments = new Attachments({
      ...{ server: this, inspection, clock: ports.clock, onFault: fault },
      statsOf: (connectionId) => this.#connections.peers.statsOf(connectionId),
      slotHolders: () => this.#connections.setups.slotHolders,
    });
    this.actor.on('*', (event) => this.#obey(event));
    this.actor.subscribe({ error: (error) => fault(error, 'the server') });
    this.actor.start();
  }

  /**
   * Starts everything in order. When a step fails, what was begun is undone and the server may be started again.
   * @throws {ServerError} `alreadyRunning`, `stopped` or `startFailed`.
   */
  async start(): Promise<void> {
    if (this.#isOver() || phaseOf(this.actor.getSnapshot()) === 'stopping')
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

  /** Says goodbye to everybody and lets everything go, within 5 s. Does nothing when not running. */
  async stop(): Promise<void> {
    const snapshot = this.actor.getSnapshot();
    if (this.#isOver() || snapshot.matches('idle')) return this.#attachments.close();
    const stopped = this.#runLoop.until(['stopped', 'start.failed']);
    this.actor.send({ type: 'stop' });
    await stopped;
    await this.#attachments.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Keeps this node connected: dialled when a slot is free, and again after it is lost. A known id gets the new address.
   * @throws {TypeError} `node` is no enode URL, or is this node. @throws {ServerError} `notRunning`, `tooManyStatic`.
   */
  addPeer(node: string): void {
    this.#runLoop.assertRunning();
    this.#runLoop.keep(targetOf(this.#other(node)));
  }

  /**
   * Forgets this node and disconnects it; resolves once it is no peer any more, which is after its handlers have
   * returned. One that awaits the removal of its own peer is given up on after 4 s at most, and goes on then.
   * @throws {TypeError} `node` is no enode URL. @throws {ServerError} `notRunning`.
   */
  async removePeer(node: string): Promise<void> {
    this.#runLoop.assertRunning();
    await this.#runLoop.remove(parseEnode(node).id);
  }

  /**
   * Exempts this node from the limits, and from now on the peer it may already be.
   * @throws {TypeError} `node` is no enode URL, or is this node. @throws {ServerError} `notRunning`, `tooManyTrusted`.
   */
  addTrustedPeer(node: string): void {
    this.#runLoop.assertRunning();
    this.#runLoop.trust(this.#other(node).id);
  }

  /**
   * Ends the exemption, and disconnects nobody.
   * @throws {TypeError} `node` is no enode URL. @throws {ServerError} `notRunning`.
   */
  removeTrustedPeer(node: string): void {
    this.#runLoop.assertRunning();
    this.actor.send({ type: 'trusted.remove', id: parseEnode(node).id });
  }

  /**
   * Calls `fn` once with the peers of that moment, in which nobody comes or goes; it may be async, but the moment
   * ends at its first `await`. Resolves with its result, and rejects with what it throws.
   * @throws {ServerError} `notRunning`.
   */
  async withPeers<Result>(fn: (peers: readonly Peer[]) => Result): Promise<Awaited<Result>> {
    return this.#runLoop.ask((set) => fn(this.#peersIn(set)));
  }

  /** Peers right now, in the order they came; none before `start()` and after `stop()`. */
  get peers(): readonly Peer[] {
    return this.#peersIn(this.actor.getSnapshot().context.peers);
  }

  get peerCount(): number {
    return this.peers.length;
  }

  /** Every peer as go-ethereum's `admin_peers` shows it, by id. */
  peersInfo(): readonly PeerInfo[] {
    const { protocols } = this.#config;
    return this.peers
      .map((peer) => peerInfoOf(peer, protocols, this.#log.fault))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** This node as go-ethereum's `admin_nodeInfo` shows it. */
  nodeInfo(): NodeInfo {
    return nodeInfoOf(this.#config, this.self.address, this.#log.fault);
  }

  get self(): Self {
    return selfOf(this.#config.key, this.actor.getSnapshot().context.address);
  }

  /** Calls `listener` for each event of a type; what it throws is logged. @returns a function that stops it. */
  on<Type extends keyof ServerEvents>(
    type: Type,
    listener: (event: { readonly type: Type } & ServerEvents[Type]) => void,
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

  #other(node: string): Enode {
    const enode = parseEnode(node);
    if (enode.id === this.#config.key.id) throw new TypeError('this node cannot be its own peer');
    return enode;
  }

  /** Does what the run loop asks for. */
  #obey(event: ServerEmitted): void {
    switch (event.type) {
      case 'started':
        return warnOfFewFiles(this.#config);
      case 'start.failed':
      case 'peers.snapshot':
      case 'peers.unavailable':
      case 'candidates.failed':
        return; // whoever asked hears of it, and the log
      case 'stopped':
        return this.#feed.close();
      case 'part.lost':
        return this.#feed.emit({ ...event, type: 'lost' });
      case 'listener.restored':
        return this.#feed.emit({ ...event, type: 'restored', part: 'listener' });
      case 'connection.accepted':
        return this.#connections.setups.accept(event.stream, event.slot);
      case 'connection.replaced':
        return this.#connections.setups.replace(event.slot);
      case 'callers.turnedAway':
        return this.#feed.emit({ ...event, type: 'turnedAway' });
      case 'dial.wanted':
        return this.#connections.dials.start(event);
      case 'dial.unwanted':
        return this.#connections.dials.cancel(event.id, event.why);
      case 'static.blocked':
        return this.#connections.dials.refuse(event);
      case 'peer.dismissed':
        return this.#connections.peers.dismiss(event.connectionId, event.reason);
      case 'peer.removed':
        return this.#onRemoved(event);
      case 'pending.aborted':
        return this.#connections.abort();
      case 'connections.destroyed':
        return this.#connections.destroy();
    }
  }

  #onRemoved({ entry, ending }: Extract<ServerEmitted, { type: 'peer.removed' }>): void {
    const { connectionId } = entry;
    const peer = this.#connections.peers.get(connectionId);
    if (!peer) return; // its connection broke between admission and announcement
    const effort = this.#connections.peers.statsOf(connectionId);
    this.#connections.peers.forget(connectionId);
    this.#tell({ type: 'drop', peer, connectionId, ...ending, ...effort });
  }

  /** What ended is told together with what it means. */
  #tell(outcome: Outcome): void {
    this.#feed.emit({ ...outcome, explanation: explain(outcome) });
  }

  #peersIn(set: PeerSet): readonly Peer[] {
    return [...set.values()].flatMap(
      ({ connectionId }) => this.#connections.peers.get(connectionId) ?? [],
    );
  }

  #isOver(): boolean {
    return this.actor.getSnapshot().status !== 'active';
  }
}
