/** Peers: each admitted connection a root actor of its own, with a handler for each protocol. It decides nothing. */
import type { ActorRefFrom } from 'xstate';
import type { Inspection } from '../actors/inspection.ts';
import { outputOf, runActor } from '../actors/run-actor.ts';
import type { ConnectionStats } from '../api/endings.ts';
import type { Peer } from '../api/peer.ts';
import type { MessageEvent } from '../api/server-events.ts';
import { linkActor } from '../io/adapters/link-actor.ts';
import { protocolHandler } from '../io/adapters/protocol-handler.ts';
import {
  byNameThenVersion,
  labelOf,
  matchCapabilities,
} from '../machines/connection/capability-match.ts';
import type { ConnectionSetupOutput } from '../machines/connection/connection.ts';
import { type PeerOutput, peerMachine } from '../machines/peer/peer.ts';
import type { AskableReason } from '../machines/peer/peer-endings.ts';
import { protocolMachine } from '../machines/peer/protocol.ts';
import type { ServerMachineEvent } from '../machines/server/server-events.ts';
import type { ServerConfig } from './config.ts';
import { type Connection, letGo } from './connection-setups.ts';
import { reportMessages } from './reporting-port.ts';

export type PeersHooks = {
  /** To the run loop. */
  readonly tell: (event: ServerMachineEvent) => void;
  readonly isTrusted: (id: string) => boolean;
  /** It is announced; its handlers start after this. */
  readonly onPeer: (peer: Peer) => void;
  /** Only called with `messageEvents`. */
  readonly onMessage: (type: 'msgrecv' | 'msgsend', message: MessageEvent) => void;
  /** A mistake of ours in one actor or adapter. */
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

type Running = {
  readonly peer: Peer;
  readonly actor: ActorRefFrom<typeof peerMachine>;
  /** Until it began to end, which takes some seconds more; null before that. */
  effort: ConnectionStats | null;
  /** What came of it up to now. */
  readonly measure: () => ConnectionStats;
};

export class Peers {
  readonly #config: ServerConfig;
  readonly #hooks: PeersHooks;
  /** Bounded by the run loop. By connection, since one id may have an old and a new one. */
  readonly #running = new Map<string, Running>();

  readonly #machine = peerMachine.provide({
    actors: {
      link: linkActor,
      protocol: protocolMachine.provide({ actors: { handler: protocolHandler } }),
    },
  });

  constructor(config: ServerConfig, hooks: PeersHooks) {
    this.#config = config;
    this.#hooks = hooks;
  }

  /** From its announcement until it is forgotten. */
  get(connectionId: string): Peer | undefined {
    return this.#running.get(connectionId)?.peer;
  }

  /** What came of it up to now, or until it began to end. */
  statsOf(connectionId: string): ConnectionStats {
    const running = this.#running.get(connectionId);
    return running?.effort ?? running?.measure() ?? { ms: 0, bytesIn: 0, bytesOut: 0 };
  }

  /** Its id has left the peer set. */
  forget(connectionId: string): void {
    this.#running.delete(connectionId);
  }

  start(connection: Connection, { learnt }: ConnectionSetupOutput): void {
    const { connectionId, direction, stream, link, traffic } = connection;
    const { tell, isTrusted, onMessage, onFault, inspection } = this.#hooks;
    const { id = '', publicKey = '', hello } = learnt;
    const theirs = [...(hello?.capabilities ?? [])].sort(byNameThenVersion);
    const matches = matchCapabilities(this.#config.protocols, theirs);
    let disconnect: Peer['disconnect'] = () => {};
    const { clock } = this.#config.ports;
    const begunAt = clock.now();
    const measure = (): ConnectionStats => {
      const { ingress, egress } = traffic.stream;
      return { ms: Math.round(clock.now() - begunAt), bytesIn: ingress, bytesOut: egress };
    };
    const note = (): void => {
      const running = this.#running.get(connectionId);
      if (running) running.effort ??= measure();
    };
    const peer: Peer = {
      id,
      publicKey,
      client: hello?.client ?? '',
      capabilities: theirs,
      protocols: matches.map(labelOf),
      direction,
      get trusted() {
        return isTrusted(id);
      },
      remote: stream.remote,
      local: stream.local,
      disconnect: (reason = 'requested') => disconnect(reason),
    };
    const opened = link.openPorts(matches);
    const ports = this.#config.messageEvents
      ? opened.map((port, index) => {
          const protocol = labelOf(matches[index]!);
          return reportMessages(port, (type, code, size) =>
            onMessage(type, { peer, protocol, code, size }),
          );
        })
      : opened;
    const runs = matches.map((match, index) => ({
      protocol: labelOf(match),
      run: () => match.run(peer, ports[index]!),
    }));
    runActor(this.#machine, {
      id: `peer:${connectionId}`,
      clock,
      inspection,
      input: { connectionId, link, runs },
      onCreated: (actor) => {
        disconnect = (reason = 'requested') => actor.send({ type: 'disconnect', reason });
        this.#running.set(connectionId, { peer, actor, effort: null, measure });
      },
      onEmitted: (event) => {
        if (event.type === 'peer.announced') this.#announce(peer);
        else {
          note();
          link.closePorts(new Error(`the peer is gone: ${event.ending.state}`));
        }
      },
      settle: (ending) => {
        disconnect = () => {};
        note();
        if (ending.status === 'error') onFault(ending.error, 'peer');
        const output = outputOf(ending, CUT);
        letGo(stream, link, output.state);
        tell({ type: 'peer.dropped', connectionId, id, ending: output });
      },
    });
  }

  dismiss(connectionId: string, reason: AskableReason): void {
    this.get(connectionId)?.disconnect(reason);
  }

  /** Ends all of them, at once and without a word. */
  destroy(): void {
    for (const { actor } of [...this.#running.values()]) actor.stop();
  }

  #announce(peer: Peer): void {
    const { onPeer, onFault } = this.#hooks;
    try {
      this.#config.onPeer(peer);
    } catch (error) {
      onFault(error, 'onPeer');
    }
    onPeer(peer);
  }
}

/** What a peer says that was stopped, or broke, before it could say it itself. */
const CUT: PeerOutput = {
  outcome: 'failed',
  state: 'ending.failed.internalError',
  facts: { cut: true },
  abandoned: [],
};
