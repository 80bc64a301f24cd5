/** The server: its public face, and the one place where the charts meet sockets, keys and clocks. */
import { createActor } from 'xstate';
import { Crowd } from './crowd.ts';
import { EventFeed, type FeedIterator } from './event-feed.ts';
import type { Endpoint } from './io/actors/byte-stream.ts';
import { doorman } from './io/actors/doorman.ts';
import { localNode } from './io/actors/local-node.ts';
import { safeInspect } from './io/actors/run-actor.ts';
import { type Enode, formatEnode, parseEnode } from './io/crypto/enode.ts';
import { publicKeyHex } from './io/crypto/public-key.ts';
import { printable } from './io/wire/printable.ts';
import { dialSchedulerMachine } from './machines/dial-scheduler.ts';
import type { DialTarget } from './machines/dial-task.ts';
import { listenerMachine } from './machines/listener.ts';
import { serverMachine } from './machines/server.ts';
import type { ServerEmitted } from './machines/server-events.ts';
import { checkOptions, type ServerConfig, type ServerOptions } from './options.ts';
import type { Peer } from './peer.ts';
import type { ServerEvent, ServerEvents } from './server-events.ts';

/** Who we are to others. */
export type Self = {
  readonly id: string;
  readonly enode: string;
  /** Null while we do not listen. */
  readonly address: Endpoint | null;
};

/** An embeddable devp2p server. One key, one listening address, one life: it cannot be started again after `stop()`. */
export class Server implements AsyncDisposable {
  /** The chart of the server itself: look at it, do not send to it. */
  readonly actor;
  readonly #config: ServerConfig;
  readonly #crowd: Crowd;
  readonly #feed: EventFeed<ServerEvents>;

  /** @throws {TypeError} Names each option that is wrong. @throws {RangeError} `nodeKey` is no secret key. */
  constructor(options: ServerOptions) {
    const config = checkOptions(options);
    const { key, ports, logger } = config;
    this.#config = config;
    this.#feed = new EventFeed((error) => this.#onFault(error, 'a listener of an event'));
    const inspect = safeInspect(config.inspect, (error) => this.#onFault(error, 'the inspector'));
    const machine = serverMachine.provide({
      actors: {
        localNode: localNode(key),
        listener: listenerMachine.provide({
          actors: {
            socketServer: ports.listener,
            doorman: doorman(ports.clock, config.netRestrict),
          },
        }),
        dialScheduler: dialSchedulerMachine,
      },
    });
    this.actor = createActor(machine, {
      id: 'server',
      clock: ports.clock,
      inspect,
      input: {
        rules: {
          self: key.id,
          maxPeers: config.maxPeers,
          maxInbound: config.maxInbound,
          capabilities: config.hello.capabilities,
        },
        listen: config.listen,
        slots: config.maxPendingPeers,
        dial: {
          rules: { self: key.id, maxDialed: config.maxDialed, maxActive: config.maxPendingPeers },
          statics: config.staticNodes.map(targetOf),
        },
        trusted: config.trustedNodes.map(({ id }) => id),
      },
    });
    this.#crowd = new Crowd(config, {
      tell: (event) => this.actor.send(event),
      runLoop: this.actor,
      inspect,
      onPeer: (peer) => {
        logger.info({ id: peer.id, client: printable(peer.client) }, 'peer added');
        this.#feed.emit({ type: 'add', peer });
      },
      onEnded: (connection) => {
        const { direction, remote, state, facts } = connection;
        logger.debug({ direction, remote, state, facts }, 'connection ended');
        this.#feed.emit({ type: 'ended', ...connection });
      },
      onFailedDial: (dial) => {
        logger.debug(
          { id: dial.target.id, address: dial.address, state: dial.state },
          'dial failed',
        );
        this.#feed.emit({ type: 'dialFailed', ...dial });
      },
      onFault: (error, where) => this.#onFault(error, where),
    });
    this.actor.on('*', (event) => this.#obey(event));
    this.actor.subscribe({ error: (error) => this.#onFault(error, 'the server') });
    this.actor.start();
  }

  /**
   * Starts everything in order. When a step fails, what was begun is undone and the server may be started again.
   * @throws {ServerError} `alreadyRunning`, `stopped` or `startFailed`.
   */
  async start(): Promise<void> {
    if (this.#isOver() || this.actor.getSnapshot().matches('stopping'))
      throw new ServerError('stopped', 'a stopped server cannot be started');
    if (!this.actor.getSnapshot().matches('idle'))
      throw new ServerError('alreadyRunning', 'the server is already started');
    const started = this.#until(['started', 'start.failed', 'stopped']);
    this.actor.send({ type: 'start' });
    const event = await started;
    if (event.type === 'start.failed')
      throw new ServerError('startFailed', `start failed at ${event.step}: ${event.message}`);
    if (event.type === 'stopped') throw new ServerError('stopped', 'stopped while it was starting');
  }

  /** Says goodbye to everybody and lets everything go, within 5 s. Does nothing when not running. */
  async stop(): Promise<void> {
    const snapshot = this.actor.getSnapshot();
    if (this.#isOver() || snapshot.matches('idle')) return;
    const stopped = this.#until(['stopped', 'start.failed']);
    this.actor.send({ type: 'stop' });
    await stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Keeps this node connected: dialled when a slot is free, and again after it is lost. A known id gets the new address.
   * @throws {TypeError} `node` is no enode URL, or is this node. @throws {ServerError} `notRunning`.
   */
  addPeer(node: string): void {
    this.#assertRunning();
    const enode = parseEnode(node);
    if (enode.id === this.#config.key.id) throw new TypeError('this node cannot be its own peer');
    this.actor.send({ type: 'static.add', target: targetOf(enode) });
  }

  /**
   * Forgets this node and disconnects it; resolves once it is gone.
   * @throws {TypeError} `node` is no enode URL. @throws {ServerError} `notRunning`.
   */
  async removePeer(node: string): Promise<void> {
    this.#assertRunning();
    const { id } = parseEnode(node);
    const gone = this.actor.getSnapshot().context.peers.has(id)
      ? this.#until(['peer.removed'], ({ entry }) => entry.id === id)
      : null;
    this.actor.send({ type: 'peer.remove', id });
    await gone;
  }

  /** Peers right now, in the order they came; none before `start()` and after `stop()`. */
  get peers(): readonly Peer[] {
    const entries = [...this.actor.getSnapshot().context.peers.values()];
    return entries.flatMap(({ connectionId }) => this.#crowd.peer(connectionId) ?? []);
  }

  get self(): Self {
    const { key } = this.#config;
    const { address } = this.actor.getSnapshot().context;
    const host = address && !UNSPECIFIED.has(address.host) ? address.host : '127.0.0.1';
    const port = address?.port ?? 0;
    const enode = formatEnode({
      publicKey: key.publicKey,
      id: key.id,
      host,
      hostKind: host.includes(':') ? 'ipv6' : 'ipv4',
      tcpPort: port,
      udpPort: port,
    });
    return { id: key.id, enode, address };
  }

  /** Calls `listener` for each event of a type; what it throws is logged. @returns a function that stops it. */
  on<Type extends keyof ServerEvents>(
    type: Type,
    listener: (event: { readonly type: Type } & ServerEvents[Type]) => void,
  ): () => void {
    return this.#feed.on(type, listener);
  }

  /** Every event from now on, until `signal`, `return()` or the end of the server. */
  events(signal?: AbortSignal): FeedIterator<ServerEvent> {
    return this.#feed.iterate(signal);
  }

  /** Does what the run loop asks for. */
  #obey(event: ServerEmitted): void {
    const { logger } = this.#config;
    switch (event.type) {
      case 'started':
        return logger.info({ address: event.address, id: this.#config.key.id }, 'started');
      case 'start.failed':
        return logger.debug({ step: event.step, error: event.message }, 'start failed');
      case 'stopped':
        logger.info('stopped');
        return this.#feed.close();
      case 'part.lost':
        logger.error({ part: event.part, error: event.message }, 'part lost');
        return this.#feed.emit({ ...event, type: 'lost' });
      case 'connection.accepted':
        return this.#crowd.accept(event.stream);
      case 'callers.turnedAway':
        logger.debug({ counts: event.counts, latest: event.latest }, 'turned away');
        return this.#feed.emit({ ...event, type: 'turnedAway' });
      case 'dial.wanted':
        return this.#crowd.dial(event.target, event.direction);
      case 'dial.unwanted':
        return this.#crowd.cancelDial(event.id);
      case 'peer.dismissed':
        return this.#crowd.dismiss(event.connectionId, event.reason);
      case 'peer.removed':
        return this.#onRemoved(event);
      case 'pending.aborted':
        return this.#crowd.abort();
      case 'connections.destroyed':
        return this.#crowd.destroy();
    }
  }

  #onRemoved({ entry, ending }: Extract<ServerEmitted, { type: 'peer.removed' }>): void {
    const peer = this.#crowd.peer(entry.connectionId);
    if (!peer) return; // its connection broke between admission and announcement
    this.#crowd.forget(entry.connectionId);
    const { by, state, facts } = ending;
    this.#config.logger.info({ id: peer.id, by, state, facts }, 'peer dropped');
    this.#feed.emit({ type: 'drop', peer, ...ending });
  }

  /** The next emitted event of one of these types; every wait ends with the server. */
  #until<Type extends ServerEmitted['type']>(
    types: readonly Type[],
    where: (event: Emitted<Type>) => boolean = () => true,
  ): Promise<Emitted<Type>> {
    return new Promise((resolve, reject) => {
      const subscriptions = types.map((type) =>
        this.actor.on(type, (event) => {
          if (!where(event as Emitted<Type>)) return;
          for (const subscription of subscriptions) subscription.unsubscribe();
          resolve(event as Emitted<Type>);
        }),
      );
      subscriptions.push(this.actor.subscribe({ error: reject }));
    });
  }

  #isOver(): boolean {
    return this.actor.getSnapshot().status !== 'active';
  }

  #assertRunning(): void {
    if (!this.actor.getSnapshot().matches('running'))
      throw new ServerError('notRunning', 'the server is not running');
  }

  #onFault(error: unknown, where: string): void {
    this.#config.logger.error({ err: error, where }, 'internal error');
  }
}

type Emitted<Type extends ServerEmitted['type']> = Extract<ServerEmitted, { type: Type }>;

const UNSPECIFIED = new Set(['0.0.0.0', '::']);

const targetOf = ({ id, publicKey, host, hostKind, tcpPort }: Enode): DialTarget => ({
  id,
  publicKey: publicKeyHex(publicKey),
  host,
  hostKind,
  tcpPort,
});

export type ServerErrorCode = 'alreadyRunning' | 'notRunning' | 'startFailed' | 'stopped';

/** The server is in no state to do what was asked. Match on `code`. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
