/** Peers: each admitted connection a root actor, with a handler for each shared protocol. The machine decides. */
import type { Inspection } from '../actors/inspection.ts';
import type { ConnectionStats } from '../api/endings.ts';
import type { ConnectionStateChange, LiveConnection } from '../api/live-connection.ts';
import type { Peer, PeerEnding } from '../api/peer.ts';
import type { Port } from '../api/protocol.ts';
import type { MessageEvent } from '../api/server-events.ts';
import { callUser } from '../api/user-call.ts';
import { linkActor } from '../io/adapters/link-actor.ts';
import { protocolHandler } from '../io/adapters/protocol-handler.ts';
import {
  byNameThenVersion,
  labelOf,
  matchCapabilities,
} from '../machines/connection/capability-match.ts';
import type { AdmittedConnection } from '../machines/connection/connection.ts';
import { type PeerOutput, peerMachine } from '../machines/peer/peer.ts';
import {
  ASKABLE_REASONS,
  type AskableReason,
  type DismissalReason,
} from '../machines/peer/peer-endings.ts';
import { protocolMachine } from '../machines/peer/protocol.ts';
import type { ServerMachineEvent } from '../machines/server/server-events.ts';
import { ActorRoster } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';
import { type Connection, releaseConnection } from './connection-setups.ts';
import { ProtocolActors } from './protocol-actors.ts';
import { reportMessages } from './reporting-port.ts';

export type PeersHooks = {
  readonly sendToRunLoop: (event: ServerMachineEvent) => void;
  readonly isTrusted: (id: string) => boolean;
  /** Called when the peer is announced; its handlers start after this. */
  readonly onPeer: (peer: Peer) => void;
  readonly onState: (change: ConnectionStateChange) => void;
  readonly hasStateListeners: () => boolean;
  /** Only called with `messageEvents`. */
  readonly onMessage: (type: 'msgrecv' | 'msgsend', message: MessageEvent) => void;
  /** Reports an internal error of one actor or adapter. */
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

type Entry = {
  readonly peer: Peer;
  readonly measure: () => ConnectionStats;
  /** Measured when the peer begins to end, which takes some seconds more; null before that. */
  finalStats: ConnectionStats | null;
  /** Null before that. */
  ending: PeerEnding | null;
};

/** One for all servers: XState takes milliseconds to provide a chart of this size. `of`: tests replace the chart. */
let shared: { readonly of: typeof peerMachine; readonly machine: typeof peerMachine } | undefined;

function providedMachine() {
  if (shared?.of !== peerMachine)
    shared = {
      of: peerMachine,
      machine: peerMachine.provide({
        actors: {
          link: linkActor,
          protocol: protocolMachine.provide({ actors: { handler: protocolHandler } }),
        },
      }),
    };
  return shared.machine;
}

export class Peers {
  readonly #config: ServerConfig;
  readonly #hooks: PeersHooks;
  readonly #roster;
  /** By connection id, since one node id may have an ending and a new peer. Bounded by the run loop. */
  readonly #entries = new Map<string, Entry>();

  constructor(config: ServerConfig, hooks: PeersHooks) {
    this.#config = config;
    this.#hooks = hooks;
    this.#roster = new ActorRoster({
      logic: providedMachine(),
      name: 'peer',
      clock: config.ports.clock,
      inspection: hooks.inspection,
      hasStateListeners: hooks.hasStateListeners,
      onFault: hooks.onFault,
      onState: ({ key, state, inStateMs, previous, isLast }) =>
        hooks.onState({ ...this.#live(key, state, inStateMs), previous, isLast }),
    });
  }

  get live(): readonly LiveConnection[] {
    return this.#roster.states.map(({ key, state, inStateMs }) =>
      this.#live(key, state, inStateMs),
    );
  }

  /** From the start of its actor until `forget`. */
  get(connectionId: string): Peer | undefined {
    return this.#entries.get(connectionId)?.peer;
  }

  /** Duration and bytes up to now, or until the peer began to end; zeros for an unknown connection. */
  statsOf(connectionId: string): ConnectionStats {
    const entry = this.#entries.get(connectionId);
    return entry?.finalStats ?? entry?.measure() ?? { ms: 0, bytesIn: 0, bytesOut: 0 };
  }

  /** Called once the peer set no longer has the connection. */
  forget(connectionId: string): void {
    this.#entries.delete(connectionId);
  }

  start(connection: Connection, { id, publicKey, hello }: AdmittedConnection): void {
    const { connectionId, direction, stream, link, traffic } = connection;
    const { sendToRunLoop, isTrusted } = this.#hooks;
    const theirs = [...hello.capabilities].sort(byNameThenVersion);
    const matches = matchCapabilities(this.#config.protocols, theirs);
    const peer: Peer = {
      id,
      publicKey,
      client: hello.client,
      capabilities: theirs,
      protocols: matches.map(labelOf),
      direction,
      get trusted() {
        return isTrusted(id);
      },
      remote: stream.remote,
      local: stream.local,
      disconnect: (reason = 'requested') => {
        assertAskable(reason);
        this.#roster.get(connectionId)?.send({ type: 'disconnect', reason });
      },
    };
    const { clock, random, unixTimeMs } = this.#config.ports;
    const beganAt = clock.now();
    const entry: Entry = {
      peer,
      measure: () => ({
        ms: Math.round(clock.now() - beganAt),
        bytesIn: traffic.stream.ingress,
        bytesOut: traffic.stream.egress,
      }),
      finalStats: null,
      ending: null,
    };
    const handlers: ProtocolActors[] = [];
    const runs = link.openPorts(matches).map((port, index) => {
      const match = matches[index]!;
      const protocol = labelOf(match);
      const reporting = this.#reporting(port, peer, protocol);
      const actors = new ProtocolActors({
        ...{ connectionId, clock, random, unixTimeMs, ending: () => entry.ending },
        requests: traffic.of(match).requests,
        ...{ logger: this.#config.logger, inspection: this.#hooks.inspection },
        onFault: (error, machine) => this.#hooks.onFault(error, `${machine} of ${protocol}`),
      });
      handlers.push(actors);
      const run = async () => {
        try {
          await match.run(peer, reporting, actors.tools);
        } finally {
          actors.close();
        }
      };
      return { protocol, run };
    });
    this.#entries.set(connectionId, entry);
    this.#roster.start({
      key: connectionId,
      input: { connectionId, link, runs },
      onEmitted: (event) => {
        if (event.type === 'peer.announced') return this.#announce(peer);
        entry.finalStats ??= entry.measure();
        entry.ending = event.ending;
        link.closePorts(new Error(`the peer is gone: ${event.ending.state}`));
      },
      otherwise: STOPPED_EARLY,
      onEnd: (ending) => {
        entry.finalStats ??= entry.measure();
        for (const actors of handlers) actors.close(); // of those that were abandoned
        releaseConnection(stream, link, ending.state);
        sendToRunLoop({ type: 'peer.dropped', connectionId, id, ending });
      },
    });
  }

  dismiss(connectionId: string, reason: DismissalReason): void {
    this.#roster.get(connectionId)?.send({ type: 'disconnect', reason });
  }

  /** Ends every peer at once, without a Disconnect. */
  destroy(): void {
    this.#roster.destroy();
  }

  #live(connectionId: string, state: string, inStateMs: number): LiveConnection {
    // in the roster only while it has an entry
    const { id: nodeId, remote, direction, client } = this.get(connectionId)!;
    return { chart: 'peer', id: connectionId, nodeId, remote, direction, client, state, inStateMs };
  }

  /** The port itself unless message events are wanted. */
  #reporting(port: Port, peer: Peer, protocol: string): Port {
    if (!this.#config.messageEvents) return port;
    return reportMessages(port, (type, code, size) =>
      this.#hooks.onMessage(type, { peer, protocol, code, size }),
    );
  }

  #announce(peer: Peer): void {
    const { onPeer, onFault } = this.#hooks;
    callUser(
      () => this.#config.onPeer(peer),
      (error) => onFault(error, 'onPeer'),
    );
    onPeer(peer);
  }
}

/** @throws {TypeError} */
export function assertAskable(reason: AskableReason): void {
  if (!ASKABLE_REASONS.includes(reason))
    throw new TypeError(
      `the reason of a disconnect expected one of ${ASKABLE_REASONS.join(', ')}; got ${JSON.stringify(reason)}`,
    );
}

/** The output of a peer that was destroyed, or ended by an internal error. */
const STOPPED_EARLY: PeerOutput = {
  outcome: 'failed',
  state: 'ending.failed.internalError',
  facts: { stoppedEarly: true },
  abandoned: [],
};
