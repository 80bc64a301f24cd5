/**
 * Connections in setup: each a root actor with a link of its own, from its socket to its last state. The machine
 * decides; this hands the socket on when the connection was admitted, and destroys it otherwise.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Inspection } from '../actors/inspection.ts';
import type { EndedConnection } from '../api/endings.ts';
import type { ConnectionStateChange, LiveConnection } from '../api/live-connection.ts';
import { linkActor } from '../io/adapters/link-actor.ts';
import { parseRawPublicKey } from '../io/crypto/public-key.ts';
import { brokenLink } from '../io/link/broken-link.ts';
import type { ByteStream } from '../io/link/byte-stream.ts';
import type { Link, LinkOptions } from '../io/link/link.ts';
import { RecentAuths } from '../io/link/recent-auths.ts';
import { Traffic } from '../io/link/traffic.ts';
import type { Budgets } from '../io/process/budget.ts';
import { HandshakeQueue } from '../io/process/handshake-queue.ts';
import { subnetOf } from '../io/wire/ip-address.ts';
import type {
  AdmittedConnection,
  ConnectionSetupInput,
  ConnectionSetupOutput,
  Direction,
} from '../machines/connection/connection.ts';
import { connectionSetupMachine } from '../machines/connection/connection-setup.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { PeerOutput } from '../machines/peer/peer.ts';
import type { ServerMachineEvent } from '../machines/server/server-events.ts';
import { ActorRoster, type ActorState } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';
import type { ExpectedHosts } from './expected-hosts.ts';
import { StateTrail } from './state-trail.ts';

export type SetupRequest = {
  readonly stream: ByteStream;
  readonly direction: Direction;
  /** The slot of the listener that an inbound connection holds; null for dials. */
  readonly slot: number | null;
  /** The node we dialled; null for inbound connections. */
  readonly target: DialTarget | null;
  readonly onEnd: (result: ConnectionSetupOutput) => void;
};

/** A connection whose setup has ended, with everything that must be handed on or released. */
export type Connection = {
  readonly connectionId: string;
  readonly direction: Direction;
  readonly stream: ByteStream;
  readonly link: Link;
  /** Counts the bytes of this stream only. */
  readonly traffic: Traffic;
};

export type ConnectionSetupsHooks = {
  readonly sendToRunLoop: (event: ServerMachineEvent) => void;
  /** The actor that answers checkpoints. */
  readonly runLoop: ConnectionSetupInput['runLoop'];
  /** Counts the bytes of all connections. */
  readonly traffic: Traffic;
  readonly budgets: Budgets;
  readonly expectedHosts: ExpectedHosts;
  /** Takes over the stream and the link. */
  readonly onAdmitted: (connection: Connection, admitted: AdmittedConnection) => void;
  /** @param id Of the node, proven or dialled; null when neither is known. */
  readonly onEnded: (connection: EndedConnection, id: string | null) => void;
  readonly onState: (change: ConnectionStateChange) => void;
  readonly hasStateListeners: () => boolean;
  /** Reports an internal error of one actor or adapter. */
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

/** One for all servers: XState takes milliseconds to provide a chart of this size. */
let sharedMachine: typeof connectionSetupMachine | undefined;

function providedMachine() {
  sharedMachine ??= connectionSetupMachine.provide({ actors: { link: linkActor } });
  return sharedMachine;
}

export class ConnectionSetups {
  readonly #config: ServerConfig;
  readonly #hooks: ConnectionSetupsHooks;
  readonly #handshakeQueue: HandshakeQueue;
  readonly #recentAuths: RecentAuths;
  /** By connection id. Bounded by the slots of the listener and of the dial scheduler. */
  readonly #roster;
  /** Ids of inbound connections, by the slot of the listener that each holds. */
  readonly #slotHolders = new Map<number, string>();
  #connections = 0;

  constructor(config: ServerConfig, hooks: ConnectionSetupsHooks) {
    this.#config = config;
    this.#hooks = hooks;
    const { clock, primitives } = config.ports;
    this.#handshakeQueue = new HandshakeQueue(clock);
    this.#recentAuths = new RecentAuths(clock, primitives);
    this.#roster = new ActorRoster({
      logic: providedMachine(),
      name: 'connection-setup',
      clock: config.ports.clock,
      inspection: hooks.inspection,
      hasStateListeners: hooks.hasStateListeners,
      onFault: hooks.onFault,
      onState: ({ previous, isLast, ...actor }) =>
        hooks.onState({ ...liveSetup(actor), previous, isLast }),
    });
  }

  get live(): readonly LiveConnection[] {
    return this.#roster.states.map(liveSetup);
  }

  /** The direction of each connection in setup. */
  get directions(): readonly Direction[] {
    return this.#roster.actors.map((setup) => setup.getSnapshot().context.direction);
  }

  /** The connection id that holds each used slot of the listener, by slot number. */
  get slotHolders(): ReadonlyMap<number, string> {
    return new Map(this.#slotHolders);
  }

  /** An inbound connection holds its slot of the listener until its setup ends. */
  accept(stream: ByteStream, slot: number): void {
    this.start({ stream, direction: 'inbound', slot, target: null, onEnd: () => {} });
  }

  /** @returns the id of the new connection. */
  start({ stream, direction, slot, target, onEnd }: SetupRequest): string {
    this.#connections += 1;
    const connectionId = String(this.#connections);
    const traffic = new Traffic(this.#hooks.traffic);
    const link = this.#link(stream, target, traffic);
    const trail = new StateTrail(this.#config.ports.clock);
    if (slot !== null) this.#slotHolders.set(slot, connectionId);
    this.#roster.start({
      key: connectionId,
      input: {
        connectionId,
        direction,
        remote: stream.remote,
        slot,
        hasDestinationKey: target?.publicKey !== '',
        subnet: subnetOf(stream.remote.host),
        link,
        runLoop: this.#hooks.runLoop,
      },
      onState: (state) => trail.enter(state),
      otherwise: STOPPED_EARLY,
      onEnd: (result) => {
        if (slot !== null) this.#slotHolders.delete(slot);
        trail.enter(result.state); // the machine does not rest in a failure
        const connection = { connectionId, direction, stream, link, traffic };
        this.#settle(connection, result, trail, target?.id ?? null);
        this.#hooks.sendToRunLoop({ type: 'connection.ended', connectionId, slot });
        onEnd(result);
      },
    });
    return connectionId;
  }

  /** The dial task no longer needs this connection. */
  cancel(connectionId: string): void {
    this.#roster.get(connectionId)?.send({ type: 'cancel' });
  }

  /** The node became a peer over another connection. */
  supersede(connectionId: string): void {
    this.#roster.get(connectionId)?.send({ type: 'supersede' });
  }

  /** The listener gave this slot to a newer connection. */
  replace(slot: number): void {
    this.#roster.get(this.#slotHolders.get(slot) ?? '')?.send({ type: 'make.room' });
  }

  /** Asks every setup to end. */
  abort(): void {
    this.#roster.sendToAll({ type: 'stop' });
  }

  /** Ends every setup at once, without a Disconnect. */
  destroy(): void {
    this.#roster.destroy();
  }

  #settle(
    connection: Connection,
    result: ConnectionSetupOutput,
    trail: StateTrail,
    dialledId: string | null,
  ): void {
    const { sendToRunLoop, onAdmitted, onEnded } = this.#hooks;
    if (result.outcome === 'admitted') return onAdmitted(connection, result);
    const { connectionId, direction, stream, link, traffic } = connection;
    releaseConnection(stream, link, result.state);
    const { id } = result.identity;
    if (id !== undefined)
      sendToRunLoop({ type: 'peer.dropped', connectionId, id, ending: NEVER_ANNOUNCED });
    const ended: EndedConnection = {
      ...result,
      connectionId,
      direction,
      remote: stream.remote,
      trail: trail.states,
      trailMs: trail.enteredAtMs,
      ms: trail.lastEnteredAtMs, // without the time for the Disconnect after it
      bytesIn: traffic.stream.ingress,
      bytesOut: traffic.stream.egress,
    };
    onEnded(ended, id ?? dialledId);
  }

  #link(stream: ByteStream, target: DialTarget | null, traffic: Traffic): Link {
    const { key, hello, legacyHandshake, ports } = this.#config;
    const onFault: LinkOptions['onFault'] = (error) =>
      this.#hooks.onFault(error, `link ${stream.remote.host}`);
    try {
      return ports.transport({
        stream,
        key,
        destination: target?.publicKey ? parseRawPublicKey(hexToBytes(target.publicKey)) : null,
        hello,
        legacyHandshake,
        isExpected: this.#hooks.expectedHosts.has(stream.remote.host),
        handshakeQueue: this.#handshakeQueue,
        recentAuths: this.#recentAuths,
        random: ports.random,
        primitives: ports.primitives,
        clock: ports.clock,
        traffic,
        budgets: this.#hooks.budgets,
        onFault,
      });
    } catch (error) {
      onFault(error);
      return brokenLink(error);
    }
  }
}

function liveSetup({
  key,
  snapshot: { context },
  state,
  inStateMs,
}: ActorState<typeof connectionSetupMachine>): LiveConnection {
  const { direction, remote, identity } = context;
  return {
    chart: 'connection-setup',
    id: key,
    nodeId: identity.id ?? null,
    ...{ remote, direction, state, inStateMs },
    client: identity.hello?.client ?? null,
  };
}

/** Ends the link and destroys the socket of a connection that ended in `state`. */
export function releaseConnection(stream: ByteStream, link: Link, state: string): void {
  link.release(new Error(`the connection ended: ${state}`));
  stream.destroy();
}

/** The output of a setup that was destroyed, or ended by an internal error. */
const STOPPED_EARLY: ConnectionSetupOutput = {
  outcome: 'failed',
  state: 'failed.internalError',
  facts: { stoppedEarly: true },
  identity: {},
};

/** Tells the run loop, which may have counted the connection as a peer already, that it will not become one. */
const NEVER_ANNOUNCED: PeerOutput = {
  outcome: 'failed',
  state: 'ending.failed.internalError',
  facts: { announced: false },
  abandoned: [],
};
