/**
 * Everything of which there are many: connections in setup, dials and peers, each a root actor of its own.
 * Starts them, hands sockets from one to the next and destroys them. It decides nothing.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import type { ActorRefFrom } from 'xstate';
import { type ByteStream, formatEndpoint } from './io/actors/byte-stream.ts';
import { rlpxLink } from './io/actors/link-actor.ts';
import { protocolHandler } from './io/actors/protocol-handler.ts';
import { RlpxLink } from './io/actors/rlpx-link.ts';
import { type Ending, type Inspect, runActor } from './io/actors/run-actor.ts';
import { Traffic } from './io/actors/traffic.ts';
import { parseRawPublicKey } from './io/crypto/public-key.ts';
import { byNameThenVersion, labelOf, matchCapabilities } from './machines/capability-match.ts';
import type {
  ConnectionSetupInput,
  ConnectionSetupOutput,
  Direction,
} from './machines/connection.ts';
import { connectionSetupMachine } from './machines/connection-setup.ts';
import { type DialTarget, type DialTaskEvent, dialTaskMachine } from './machines/dial-task.ts';
import { type PeerOutput, peerMachine } from './machines/peer.ts';
import type { AskableReason } from './machines/peer-endings.ts';
import { protocolMachine } from './machines/protocol.ts';
import type { ServerMachineEvent } from './machines/server-events.ts';
import type { ServerConfig } from './options.ts';
import type { Peer } from './peer.ts';
import type { EndedConnection, FailedDial } from './server-events.ts';
import { statePath } from './state-path.ts';

export type CrowdHooks = {
  /** To the run loop. */
  readonly tell: (event: ServerMachineEvent) => void;
  /** Whom checkpoints are asked of. */
  readonly runLoop: ConnectionSetupInput['runLoop'];
  readonly isTrusted: (id: string) => boolean;
  readonly onPeer: (peer: Peer) => void;
  readonly onEnded: (connection: EndedConnection) => void;
  readonly onFailedDial: (dial: FailedDial) => void;
  /** A mistake of ours in one actor or adapter. */
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspect: Inspect;
};

type Running = { readonly peer: Peer; readonly actor: { stop(): void } };

export class Crowd {
  readonly traffic = new Traffic();
  readonly #config: ServerConfig;
  readonly #hooks: CrowdHooks;
  /** Bounded by the slots of the listener and of the dial scheduler. */
  readonly #setups = new Map<string, ActorRefFrom<typeof connectionSetupMachine>>();
  readonly #dials = new Map<string, ActorRefFrom<typeof dialTaskMachine>>();
  /** Bounded by the run loop. By connection, since one id may have an old and a new one. */
  readonly #peers = new Map<string, Running>();
  #connections = 0;

  readonly #setupMachine = connectionSetupMachine.provide({ actors: { link: rlpxLink } });
  readonly #peerMachine = peerMachine.provide({
    actors: {
      link: rlpxLink,
      protocol: protocolMachine.provide({ actors: { handler: protocolHandler } }),
    },
  });
  readonly #dialMachine;

  constructor(config: ServerConfig, hooks: CrowdHooks) {
    this.#config = config;
    this.#hooks = hooks;
    const { dialer, resolver } = config.ports;
    this.#dialMachine = dialTaskMachine.provide({
      actors: { dialer, resolver },
      guards: { isOutsideNetRestrict: (_, host) => !config.netRestrict(host) },
    });
  }

  /** How each of the connections came to be that are in setup now. */
  get pending(): readonly Direction[] {
    return [...this.#setups.values()].map((setup) => setup.getSnapshot().context.direction);
  }

  /** The peer of a connection, from its announcement until it is forgotten. */
  peer(connectionId: string): Peer | undefined {
    return this.#peers.get(connectionId)?.peer;
  }

  /** Its id has left the peer set. */
  forget(connectionId: string): void {
    this.#peers.delete(connectionId);
  }

  accept(stream: ByteStream): void {
    this.#setUp(stream, 'inbound', null, () => {});
  }

  dial(target: DialTarget, direction: Exclude<Direction, 'inbound'>): void {
    const { tell, onFailedDial } = this.#hooks;
    let setup = '';
    let task: { send(event: DialTaskEvent): void } | undefined;
    runActor(this.#dialMachine, {
      ...this.#runtime(`dial-task:${target.id.slice(0, 8)}`),
      input: { target, direction },
      onCreated: (actor) => {
        task = actor;
        this.#dials.set(target.id, actor);
      },
      onEmitted: (event) => {
        if (event.type === 'setup.unwanted')
          return this.#setups.get(setup)?.send({ type: 'cancel' });
        const onEnd = (result: ConnectionSetupOutput) =>
          task?.send({ type: 'setup.ended', result });
        setup = this.#setUp(event.stream, direction, target, onEnd);
      },
      settle: (ending) => {
        this.#dials.delete(target.id);
        const output = outputOf(ending, {
          outcome: 'cancelled' as const,
          address: { host: target.host, port: target.tcpPort },
          detail: '',
        });
        this.#noteFault(ending, 'dial-task');
        const { outcome, ...rest } = output;
        if (outcome !== 'done') onFailedDial({ ...rest, state: outcome, target });
        tell({ type: 'dial.ended', id: target.id });
      },
    });
  }

  cancelDial(id: string): void {
    this.#dials.get(id)?.send({ type: 'stop' });
  }

  dismiss(connectionId: string, reason: AskableReason): void {
    this.#peers.get(connectionId)?.peer.disconnect(reason);
  }

  /** Asks connections in setup and dials to end. */
  abort(): void {
    for (const actor of [...this.#setups.values()]) actor.send({ type: 'stop' });
    for (const actor of [...this.#dials.values()]) actor.send({ type: 'stop' });
  }

  /** Ends whatever is left, at once and without a word. */
  destroy(): void {
    const running = [...this.#peers.values()].map(({ actor }) => actor);
    for (const actor of [...this.#dials.values(), ...this.#setups.values(), ...running])
      actor.stop();
  }

  #setUp(
    stream: ByteStream,
    direction: Direction,
    target: DialTarget | null,
    onEnd: (result: ConnectionSetupOutput) => void,
  ): string {
    const { tell, runLoop, onEnded } = this.#hooks;
    this.#connections += 1;
    const connectionId = String(this.#connections);
    const link = this.#link(stream, target);
    const trail: string[] = [];
    runActor(this.#setupMachine, {
      ...this.#runtime(`connection-setup:${connectionId}`),
      input: {
        connectionId,
        direction,
        hasDestinationKey: target?.publicKey !== '',
        link,
        runLoop,
      },
      onCreated: (actor) => this.#setups.set(connectionId, actor),
      onSnapshot: ({ status, value }) => {
        const state = statePath(value);
        if (status === 'active' && state !== trail.at(-1)) trail.push(state);
      },
      settle: (ending) => {
        this.#setups.delete(connectionId);
        this.#noteFault(ending, 'connection-setup');
        const result = outputOf(ending, SETUP_CUT);
        if (result.state !== trail.at(-1)) trail.push(result.state); // a failure is not rested in
        if (result.outcome === 'admitted')
          this.#admit({ connectionId, direction, stream, link }, result);
        else {
          this.#letGo(stream, link, result.state);
          tell({
            type: 'peer.dropped',
            connectionId,
            id: result.learnt.id ?? '',
            ending: NEVER_WAS,
          });
          const { outcome, ...rest } = result;
          onEnded({ ...rest, outcome, connectionId, direction, remote: stream.remote, trail });
        }
        tell({ type: 'connection.ended', connectionId, inbound: direction === 'inbound' });
        onEnd(result);
      },
    });
    return connectionId;
  }

  #admit(connection: Connection, { learnt }: ConnectionSetupOutput): void {
    const { connectionId, direction, stream, link } = connection;
    const { tell, isTrusted, onPeer } = this.#hooks;
    const { id = '', publicKey = '', hello } = learnt;
    const theirs = [...(hello?.capabilities ?? [])].sort(byNameThenVersion);
    const matches = matchCapabilities(this.#config.protocols, theirs);
    const ports = link.openPorts(matches);
    let disconnect: Peer['disconnect'] = () => {};
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
    const runs = matches.map((match, index) => ({
      protocol: labelOf(match),
      run: () => match.run(peer, ports[index]!),
    }));
    runActor(this.#peerMachine, {
      ...this.#runtime(`peer:${connectionId}`),
      input: { connectionId, link, runs },
      onCreated: (actor) => {
        disconnect = (reason = 'requested') => actor.send({ type: 'disconnect', reason });
        this.#peers.set(connectionId, { peer, actor });
      },
      onEmitted: (event) => {
        if (event.type === 'peer.announced') onPeer(peer);
        else link.closePorts(new Error(`the peer is gone: ${event.ending.state}`));
      },
      settle: (ending) => {
        disconnect = () => {};
        this.#noteFault(ending, 'peer');
        const output = outputOf(ending, PEER_CUT);
        this.#letGo(stream, link, output.state);
        tell({ type: 'peer.dropped', connectionId, id, ending: output });
      },
    });
  }

  #link(stream: ByteStream, target: DialTarget | null): RlpxLink {
    const { key, hello, legacyHandshake, ports } = this.#config;
    return new RlpxLink({
      stream,
      key,
      destination: target?.publicKey ? parseRawPublicKey(hexToBytes(target.publicKey)) : null,
      hello,
      legacyHandshake,
      random: ports.random,
      primitives: ports.primitives,
      clock: ports.clock,
      traffic: this.traffic,
      onFault: (error) => this.#hooks.onFault(error, `link ${formatEndpoint(stream.remote)}`),
    });
  }

  #runtime(id: string) {
    return { id, clock: this.#config.ports.clock, inspect: this.#hooks.inspect };
  }

  #letGo(stream: ByteStream, link: RlpxLink, state: string): void {
    link.release(new Error(`the connection is over: ${state}`));
    stream.destroy();
  }

  #noteFault(ending: Ending<unknown>, where: string): void {
    if (ending.status === 'error') this.#hooks.onFault(ending.error, where);
  }
}

type Connection = {
  readonly connectionId: string;
  readonly direction: Direction;
  readonly stream: ByteStream;
  readonly link: RlpxLink;
};

/** What an actor says that was stopped, or broke, before it could say it itself. */
const SETUP_CUT: ConnectionSetupOutput = {
  outcome: 'failed',
  state: 'failed.internalError',
  facts: { cut: true },
  learnt: {},
};
const PEER_CUT: PeerOutput = {
  by: 'us',
  state: 'ending.failed.internalError',
  facts: { cut: true },
  abandoned: [],
};
const NEVER_WAS: PeerOutput = { ...PEER_CUT, facts: { announced: false } };

const outputOf = <Output>(ending: Ending<Output>, otherwise: Output): Output =>
  ending.status === 'done' ? ending.output : otherwise;
