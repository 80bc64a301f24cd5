/**
 * Everything around a server machine: the links are scripted, and all else is real. The machines are those of
 * the server, the listener, the dial scheduler, of dials, connections in setup, peers and their protocols, and they are
 * put together by the code that does it in a server. Failed checks are collected. Putting them together
 * takes longer than most runs, so it is reused for run after run; after a failure a new one is needed.
 */
import {
  type Actor,
  type AnyActorRef,
  createActor,
  type EventObject,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import type { Port } from '../../src/api/protocol.ts';
import type { DialerEvent } from '../../src/io/adapters/tcp-dialer.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { dialSchedulerMachine } from '../../src/machines/dialing/dial-scheduler.ts';
import type { localNodeMachine } from '../../src/machines/discovery/local-node.ts';
import { serverMachine } from '../../src/machines/server/server.ts';
import type { ServerEmitted, ServerMachineEvent } from '../../src/machines/server/server-events.ts';
import { phaseOf } from '../../src/machines/server/server-phase.ts';
import { GIVE_UP_TIMEOUT_MS } from '../../src/machines/server/server-setup.ts';
import { checkOptions } from '../../src/server/config.ts';
import { Connections } from '../../src/server/connections.ts';
import { dialInput } from './dial-input.ts';
import { alice } from './handshake.ts';
import { inspectionBy } from './inspection-by.ts';
import { localNodeInput } from './local-node-run.ts';
import { ScriptedLink } from './scripted-link.ts';
import { LIMITS, ServerChecks } from './server-checks.ts';
import { address, asked, discoveryAsked, discoveryV5Asked, eth } from './server-run.ts';
import { StartParts } from './start-parts.ts';
import { StepClock } from './step-clock.ts';

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

export class ServerEnvironment {
  /** Of this run, like the fields below. */
  checks = new ServerChecks();
  server: Actor<typeof serverMachine>;
  readonly clock = new StepClock();
  readonly parts = new StartParts({
    checks: () => this.checks,
    isOver: () => this.server.getSnapshot().status !== 'active',
  });
  readonly attempts = new Set<Attempt>();
  readonly handlers = new Set<Handler>();
  /** The node id that was dialled, or empty for inbound, by stream. */
  readonly #dialled = new WeakMap<ByteStream, string>();
  readonly connections: Connections;
  readonly #machine;
  #connections = 0;

  constructor() {
    this.#machine = serverMachine.provide({
      actors: {
        localNode: this.parts.localNode.logic as unknown as typeof localNodeMachine,
        listener: this.parts.listenerMachine(this.clock),
        discovery: this.parts.discoveryMachine,
        discoveryV5: this.parts.discoveryV5Machine,
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
    this.connections = new Connections(
      { ...CONFIG, protocols, ports: { ...CONFIG.ports, clock, transport, dialer: this.#dialer } },
      {
        sendToRunLoop: this.tell,
        runLoop: createActor(this.#runLoop).start(),
        inspection: inspectionBy(this.#inspect, (error) =>
          this.checks.fail(`the watcher broke: ${error}`),
        ),
        isTrusted: (id) => this.server.getSnapshot().context.trusted.has(id),
        onPeer: (peer) => this.checks.add(peer),
        onMessage: () => {},
        onState: () => {},
        hasStateListeners: () => false,
        onEnded: () => {},
        onFailedDial: () => {},
        onFault: (error, where) => this.checks.fail(`${where} broke: ${error}`),
      },
    );
    this.server = this.#newServer();
  }

  /** Starts another run. The one before must have ended without a failure. */
  restart(): void {
    this.checks = new ServerChecks();
    this.handlers.clear();
    this.parts.forget();
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
        localNode: localNodeInput(),
        listen: asked,
        slots,
        discovery: discoveryAsked,
        discoveryV5: discoveryV5Asked,
        portMapping: null,
        dial: dialInput({ rules: { maxDialed, maxActive }, generator: this.parts.generator }),
        trusted: ['friend'],
      },
    });
    server.on('*', (event) => this.#obey(event));
    server.subscribe({ error: (error) => this.checks.fail(`the server broke: ${error}`) });
    return server.start();
  }

  readonly tell = (event: ServerMachineEvent): void => this.server.send(event);

  /** Starts it without a fault. */
  startWell(): void {
    this.parts.fault = null;
    this.start();
    this.parts.ready();
    this.parts.bind();
    this.parts.bindDatagrams();
    this.parts.bindDatagramsV5();
  }

  start(): void {
    const wasIdle = this.server.getSnapshot().matches('idle');
    if (wasIdle && this.parts.localNode.inputs.length > 0) this.checks.seen.restarted += 1;
    this.tell({ type: 'start' });
    if (wasIdle && this.parts.fault !== 'localNode')
      this.checks.expect(this.parts.localNode.live, 1, '12: local nodes after a start');
  }

  stop(): void {
    if (phaseOf(this.server.getSnapshot()) === 'starting') this.checks.seen.stoppedEarly += 1;
    this.tell({ type: 'stop' });
  }

  get isRunning(): boolean {
    return phaseOf(this.server.getSnapshot()) === 'running';
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

  /** Every check, when no event is in progress. */
  check(when: string): void {
    const snapshot = this.server.getSnapshot();
    this.checks.compare(snapshot);
    if (snapshot.matches('idle')) this.checks.checkIdle(snapshot, this.#held());
    this.checks.throwFailures(when);
  }

  /** 12: a server that is idle can be started; 10: after a stop nothing is left. */
  end(): void {
    if (phaseOf(this.server.getSnapshot()) === 'rollingBack') this.clock.advance(20_000);
    this.check('before the end');
    if (this.server.getSnapshot().matches('idle')) {
      this.startWell();
      this.checks.expect(this.isRunning, true, '12: running after all');
      this.check('started after all');
    }
    this.stop();
    this.clock.advance(GIVE_UP_TIMEOUT_MS);
    this.checks.checkOver(this.server.getSnapshot(), this.#held());
    this.checks.throwFailures('at the end');
  }

  #held(): Readonly<Record<string, number>> {
    const { pending: timers } = this.clock;
    const { localNode, socket, datagrams, datagramsV5 } = this.parts;
    const [nodes, sockets, dialers] = [localNode.live, socket.live, this.attempts.size];
    const udp = { datagrams: datagrams.live, datagramsV5: datagramsV5.live };
    return { timers, nodes, sockets, ...udp, dialers };
  }

  /** As `Server` does. */
  #obey(event: ServerEmitted): void {
    const { setups, dials, peers } = this.connections;
    switch (event.type) {
      case 'connection.accepted':
        return setups.accept(event.stream, event.slot);
      case 'connection.replaced':
        this.checks.seen.replaced += 1;
        return setups.replace(event.slot);
      case 'dial.wanted':
        return dials.start(event);
      case 'dial.unwanted':
        this.checks.seen.cancelled += 1;
        return dials.cancel(event.id, event.why);
      case 'static.blocked':
        return dials.refuse(event);
      case 'peer.dismissed':
        return peers.dismiss(event.connectionId, event.reason);
      case 'peer.removed': {
        const { connectionId, id } = event.entry;
        const peer = peers.get(connectionId);
        peers.forget(connectionId);
        return this.checks.remove(connectionId, id, peer, this.server.getSnapshot());
      }
      case 'pending.aborted':
        return this.connections.abort();
      case 'connections.destroyed':
        return this.connections.destroy();
      case 'part.lost':
        this.checks.seen.partsLost += 1;
        return;
      case 'start.failed':
        this.checks.seen.rolledBack += 1;
        // the listener may be about to end: its timers are looked at as soon as everything rests
        return this.checks.checkIdle(this.server.getSnapshot(), { ...this.#held(), timers: 0 });
      case 'stopped':
        return this.checks.checkStopped(this.attempts.size);
      default:
    }
  }

  #link(stream: ByteStream): ScriptedLink {
    const id = this.#dialled.get(stream) ?? '';
    this.#connections += 1;
    const connectionId = String(this.#connections); // as they are numbered by the code under test
    const direction = id === '' ? 'inbound' : (this.checks.dials.get(id) ?? 'static');
    const link = new ScriptedLink(
      { connectionId, direction, stream, id },
      {
        fail: (sentence) => this.checks.fail(sentence),
        onAdmitted: (admitted) => this.checks.admit(admitted, this.server.getSnapshot()),
      },
    );
    this.checks.links.set(connectionId, link);
    return link;
  }

  /** The receiver of checkpoint requests: the server of the current run. */
  readonly #runLoop = fromCallback<ServerMachineEvent>(({ receive }) => receive(this.tell));

  readonly #dialer = fromCallback<EventObject, Endpoint>(({ input, sendBack }) => {
    const attempt: Attempt = { id: IDS[input.port - FIRST_PORT]!, report: sendBack };
    this.attempts.add(attempt);
    return () => void this.attempts.delete(attempt);
  });

  /** Some return when their peer ends, others must be waited for. */
  #handle(port: Port): Promise<void> {
    return new Promise((resolve, reject) => {
      const handler: Handler = { port, returns: resolve, fails: reject };
      this.handlers.add(handler);
      port.signal.addEventListener('abort', () => {
        this.handlers.delete(handler);
        if (this.checks.links.size % 3 !== 0) resolve();
      });
    });
  }

  /** Only records: an inspector that throws would break what it looks at. */
  readonly #inspect = (inspected: InspectionEvent): void => {
    const actor = inspected.actorRef as AnyActorRef;
    if (inspected.type === '@xstate.actor') this.parts.onBegun(actor);
    else if (inspected.type === '@xstate.event') {
      const { event, sourceRef } = inspected;
      const isByServer = sourceRef === this.server;
      this.checks.onSent(event, { isByServer, targetId: actor.id, now: this.clock.now() });
    } else if (inspected.type === '@xstate.microstep') {
      const { event, _transitions: transitions } = inspected;
      if (transitions.length === 0 && !event.type.startsWith('xstate.'))
        this.checks.fail(`no state of ${actor.id} handles ${event.type}`);
    }
  };
}
