/**
 * Everything around a server machine: the wires are played by a script, and all else is real. The machines are those of
 * the server, the listener, the dial scheduler, of dials, connections in setup, peers and their protocols, and they are
 * put together by the code that does it in a server. What goes wrong is written into the books. Putting them together
 * takes longer than most runs, so one run may be played after the other; after a failure a new one is needed.
 */
import {
  type Actor,
  type AnyActorRef,
  createActor,
  type EventObject,
  fromCallback,
  type InspectionEvent,
} from 'xstate';

import { Crowd } from '../../src/crowd.ts';
import type { ByteStream, Endpoint } from '../../src/io/actors/byte-stream.ts';
import { doorman } from '../../src/io/actors/doorman.ts';
import type { LocalNodeEvent } from '../../src/io/actors/local-node.ts';
import type { DialerEvent } from '../../src/io/actors/tcp-dialer.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/actors/tcp-listener.ts';
import { type DialGenerator, dialGenerator } from '../../src/machines/dial-generator.ts';
import { dialSchedulerMachine } from '../../src/machines/dial-scheduler.ts';
import { BIND_TIMEOUT_MS, DRAIN_TIMEOUT_MS, listenerMachine } from '../../src/machines/listener.ts';
import { GIVE_UP_TIMEOUT_MS, serverMachine } from '../../src/machines/server.ts';
import type { ServerEmitted, ServerMachineEvent } from '../../src/machines/server-events.ts';
import { checkOptions } from '../../src/options.ts';
import type { Port } from '../../src/protocol.ts';
import { dialInput } from './dial-input.ts';
import { FakeActor } from './fake-actor.ts';
import { alice } from './handshake.ts';
import { ScriptedLink } from './scripted-link.ts';
import { LIMITS, ServerBooks } from './server-books.ts';
import { address, asked, eth } from './server-run.ts';
import { StepClock } from './step-clock.ts';

/** What a start can fail at, besides what its parts report: until it is mended. */
export type Sabotage = 'localNode' | 'socket' | 'dialScheduler' | 'slowListener';

export type Attempt = { readonly id: string; readonly report: (event: DialerEvent) => void };

export type Handler = {
  readonly port: Port;
  readonly returns: () => void;
  readonly fails: (error: Error) => void;
};

/** In the order of their ports, from which a dial is known. */
export const IDS = ['a', 'b', 'x', 'y', 'friend', 'us'];
export const FIRST_PORT = 30_300;

const CONFIG = checkOptions({
  nodeKey: alice,
  protocols: [
    { name: 'eth', version: 69, length: 4, run: async () => {} },
    { name: 'snap', version: 1, length: 4, run: async () => {} },
  ],
});

export class Outside {
  /** Of this run, as are the next ones. */
  books = new ServerBooks();
  server: Actor<typeof serverMachine>;
  sabotage: Sabotage | null = null;
  isReady = false;
  isBound = false;
  #listener: AnyActorRef | null = null;
  readonly clock = new StepClock();
  readonly socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>(
    undefined,
    () => this.#onUnbound(),
    () => this.#breakIf('socket'),
  );
  readonly localNode = new FakeActor<EventObject, LocalNodeEvent, unknown>(
    undefined,
    () => this.#onNodeForgotten(),
    () => this.#breakIf('localNode'),
  );
  readonly attempts = new Set<Attempt>();
  readonly handlers = new Set<Handler>();
  /** Inbound or the node id that was dialled, by stream. */
  readonly #dialled = new WeakMap<ByteStream, string>();
  readonly crowd: Crowd;
  readonly #machine;
  #connections = 0;

  constructor() {
    const slow =
      (ms: number): (() => number) =>
      () =>
        this.sabotage === 'slowListener' ? 4 * ms : ms;
    this.#machine = serverMachine.provide({
      actors: {
        localNode: this.localNode.logic,
        listener: listenerMachine.provide({
          actors: { socketServer: this.socket.logic, doorman: doorman(this.clock, () => true) },
          delays: { bindTimeout: slow(BIND_TIMEOUT_MS), drainTimeout: slow(DRAIN_TIMEOUT_MS) },
          guards: {
            isEmpty: ({ context }) => context.held.used === 0 && this.sabotage !== 'slowListener',
          },
        }),
        dialScheduler: dialSchedulerMachine.provide({
          actors: { candidates: fromCallback(() => {}) },
        }),
      },
    });
    const protocols = CONFIG.protocols.map((protocol) => ({
      ...protocol,
      run: (_: unknown, port: Port) => this.#handle(port),
    }));
    const { clock } = this;
    const transport = ({ stream }: { readonly stream: ByteStream }) => this.#link(stream);
    this.crowd = new Crowd(
      { ...CONFIG, protocols, ports: { ...CONFIG.ports, clock, transport, dialer: this.#dialer } },
      {
        tell: this.tell,
        runLoop: createActor(this.#runLoop).start(),
        inspect: this.#inspect,
        isTrusted: (id) => this.server.getSnapshot().context.trusted.has(id),
        onPeer: (peer) => this.books.add(peer),
        onMessage: () => {},
        onEnded: () => {},
        onFailedDial: () => {},
        onFault: (error, where) => this.books.complain(`${where} broke: ${error}`),
      },
    );
    this.server = this.#newServer();
  }

  /** Another run. The one before has to be over, and all right. */
  again(): void {
    this.books = new ServerBooks();
    this.sabotage = null;
    this.#listener = null;
    this.handlers.clear();
    this.socket.forget();
    this.localNode.forget();
    this.server = this.#newServer();
  }

  #newServer() {
    const { maxPeers, maxInbound, slots, maxDialed, maxActive } = LIMITS;
    const rules = { self: 'us', maxPeers, maxInbound, maxPerSubnet: 3, isStaticExempt: false };
    const server = createActor(this.#machine, {
      id: 'server',
      clock: this.clock,
      inspect: this.#inspect,
      input: {
        rules: { ...rules, capabilities: [eth] },
        listen: asked,
        slots,
        dial: dialInput({ rules: { maxDialed, maxActive }, generator: this.#generator() }),
        trusted: ['friend'],
      },
    });
    server.on('*', (event) => this.#obey(event));
    server.subscribe({ error: (error) => this.books.complain(`the server broke: ${error}`) });
    return server.start();
  }

  readonly tell = (event: ServerMachineEvent): void => this.server.send(event);

  /** Starts it, and everything goes well. */
  startWell(): void {
    this.sabotage = null;
    this.start();
    this.ready();
    this.bind();
  }

  start(): void {
    const wasIdle = this.server.getSnapshot().matches('idle');
    if (wasIdle && this.localNode.inputs.length > 0) this.books.seen.restarted += 1;
    this.tell({ type: 'start' });
    if (wasIdle && this.sabotage !== 'localNode')
      this.books.expect(this.localNode.live, 1, '12: local nodes after a start');
  }

  ready(): void {
    if (this.localNode.live === 0 || this.isReady) return;
    this.isReady = true;
    this.localNode.report({ type: 'localNode.ready' });
  }

  bind(): void {
    if (this.socket.live === 0 || this.isBound) return;
    this.isBound = true;
    this.socket.report({ type: 'socket.bound', address });
  }

  stop(): void {
    if (this.server.getSnapshot().matches('starting')) this.books.seen.stoppedEarly += 1;
    this.tell({ type: 'stop' });
  }

  get isRunning(): boolean {
    return this.server.getSnapshot().matches('running');
  }

  /** A stream from or to this host. */
  stream(host: string, dialledId = ''): ByteStream {
    const duplex = { destroyed: false };
    const stream = {
      remote: { host, port: FIRST_PORT },
      local: address,
      duplex,
      destroy: () => {
        duplex.destroyed = true;
      },
      toJSON: () => '[stream]',
    } as unknown as ByteStream;
    this.#dialled.set(stream, dialledId);
    return stream;
  }

  /** All of it, whenever everything rests. */
  judge(when: string): void {
    const snapshot = this.server.getSnapshot();
    this.books.compare(snapshot);
    if (snapshot.matches('idle')) this.books.judgeIdle(snapshot, this.#held());
    this.books.settle(when);
  }

  /** 12: a server that is idle can be started; 10: after a stop nothing is left. */
  end(): void {
    if (this.server.getSnapshot().matches('rollingBack')) this.clock.advance(20_000);
    this.judge('before the end');
    if (this.server.getSnapshot().matches('idle')) {
      this.startWell();
      this.books.expect(this.isRunning, true, '12: running after all');
      this.judge('started after all');
    }
    this.stop();
    this.clock.advance(GIVE_UP_TIMEOUT_MS);
    this.books.judgeOver(this.server.getSnapshot(), this.#held());
    this.books.settle('at the end');
  }

  #held(): Readonly<Record<string, number>> {
    const { pending: timers } = this.clock;
    const [nodes, sockets, dialers] = [this.localNode.live, this.socket.live, this.attempts.size];
    return { timers, nodes, sockets, dialers };
  }

  /** As `Server` does. */
  #obey(event: ServerEmitted): void {
    const { setups, dials, peers } = this.crowd;
    switch (event.type) {
      case 'connection.accepted':
        return setups.accept(event.stream, event.slot);
      case 'connection.replaced':
        this.books.seen.replaced += 1;
        return setups.replace(event.slot);
      case 'dial.wanted':
        return dials.start(event);
      case 'dial.unwanted':
        this.books.seen.cancelled += 1;
        return dials.cancel(event.id, event.why);
      case 'static.blocked':
        return dials.refuse(event);
      case 'peer.dismissed':
        return peers.dismiss(event.connectionId, event.reason);
      case 'peer.removed': {
        const { connectionId, id } = event.entry;
        const peer = peers.get(connectionId);
        peers.forget(connectionId);
        return this.books.remove(connectionId, id, peer, this.server.getSnapshot());
      }
      case 'pending.aborted':
        return this.crowd.abort();
      case 'connections.destroyed':
        return this.crowd.destroy();
      case 'part.lost':
        this.books.seen.partsLost += 1;
        return;
      case 'start.failed':
        this.books.seen.rolledBack += 1;
        // the listener may be about to end: its timers are looked at as soon as everything rests
        return this.books.judgeIdle(this.server.getSnapshot(), { ...this.#held(), timers: 0 });
      case 'stopped':
        return this.books.judgeStopped(this.attempts.size);
      default:
    }
  }

  #link(stream: ByteStream): ScriptedLink {
    const id = this.#dialled.get(stream) ?? '';
    this.#connections += 1;
    const connectionId = String(this.#connections); // as they are numbered by the code under test
    const direction = id === '' ? 'inbound' : (this.books.dials.get(id) ?? 'static');
    const link = new ScriptedLink(
      { connectionId, direction, stream, id },
      {
        complain: (sentence) => this.books.complain(sentence),
        onAdmitted: (admitted) => this.books.admit(admitted, this.server.getSnapshot()),
      },
    );
    this.books.links.set(connectionId, link);
    return link;
  }

  /** Whom checkpoints are asked of: whichever server there is. */
  readonly #runLoop = fromCallback<ServerMachineEvent>(({ receive }) => receive(this.tell));

  readonly #dialer = fromCallback<EventObject, Endpoint>(({ input, sendBack }) => {
    const attempt: Attempt = { id: IDS[input.port - FIRST_PORT]!, report: sendBack };
    this.attempts.add(attempt);
    return () => void this.attempts.delete(attempt);
  });

  /** Some return when their peer is gone, others have to be waited for. */
  #handle(port: Port): Promise<void> {
    return new Promise((resolve, reject) => {
      const handler: Handler = { port, returns: resolve, fails: reject };
      this.handlers.add(handler);
      port.signal.addEventListener('abort', () => {
        this.handlers.delete(handler);
        if (this.books.links.size % 3 !== 0) resolve();
      });
    });
  }

  #generator(): DialGenerator<unknown> {
    const original: DialGenerator<unknown> = dialGenerator;
    return {
      ...original,
      begin: (input) => {
        this.#breakIf('dialScheduler');
        return original.begin(input);
      },
      newTasks: (state, moment) => {
        this.#breakIf('dialScheduler');
        return original.newTasks(state, moment);
      },
    };
  }

  #breakIf(part: Sabotage): void {
    if (this.sabotage === part) throw new Error(`${part} broke`);
  }

  #onUnbound(): void {
    this.isBound = false;
  }

  /** 12: whatever was begun after the local node is undone before it. A stop, which ends all at once, has no such order. */
  #onNodeForgotten(): void {
    this.isReady = false;
    if (this.server.getSnapshot().status !== 'active') return;
    if (this.#listener?.getSnapshot().status === 'active')
      this.books.complain('12: the local node is undone before the listener');
    this.books.expect(this.socket.live, 0, '12: sockets when the local node is undone');
  }

  /** Only records: an inspector that throws would break what it looks at. */
  readonly #inspect = (inspected: InspectionEvent): void => {
    const actor = inspected.actorRef as AnyActorRef;
    if (inspected.type === '@xstate.actor') this.#onBegun(actor);
    else if (inspected.type === '@xstate.event')
      this.#onSent(inspected.sourceRef === this.server, actor, inspected.event);
    else if (inspected.type === '@xstate.microstep') {
      const { event, _transitions: transitions } = inspected;
      if (transitions.length === 0 && !event.type.startsWith('xstate.'))
        this.books.complain(`no state of ${actor.id} handles ${event.type}`);
    }
  };

  /** 12: each step of the start begins when the one before is done. */
  #onBegun(actor: AnyActorRef): void {
    if (actor.id === 'listener') {
      this.#listener = actor;
      this.books.expect(this.isReady, true, '12: the local node being ready before the listener');
    }
    if (actor.id === 'dialScheduler')
      this.books.expect(this.isBound, true, '12: being bound before dialling');
  }

  #onSent(isByServer: boolean, target: AnyActorRef, event: EventObject): void {
    const { books } = this;
    const sent = event as ServerMachineEvent | PeerNews;
    switch (sent.type) {
      case 'dial.wanted':
        return books.launch(sent.target.id, sent.direction, this.clock.now());
      case 'dial.ended':
        if (target === this.server) books.dials.delete(sent.id);
        return;
      case 'checkpoint.postHandshake':
      case 'checkpoint.addPeer':
        if (target === this.server) books.ask(sent.candidate.connectionId);
        return;
      case 'peer.added':
        return books.tell(sent.id, sent.direction);
      case 'peer.removed':
        return books.tell(sent.id, null);
      default:
    }
    if (!isByServer || !target.id.startsWith(SETUP)) return;
    if (event.type === 'hold') books.seen.held += 1;
    else books.answer(target.id.slice(SETUP.length));
  }
}

const SETUP = 'connection-setup:';

/** What the dial scheduler is told of peers. */
type PeerNews =
  | { readonly type: 'peer.added'; readonly id: string; readonly direction: 'inbound' }
  | { readonly type: 'peer.removed'; readonly id: string };
