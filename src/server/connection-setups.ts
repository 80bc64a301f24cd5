/** Connections in setup: each a root actor with a link of its own, from its socket to its last state. It decides nothing. */
import { hexToBytes } from '@noble/hashes/utils.js';
import type { ActorRefFrom } from 'xstate';
import type { Inspection } from '../actors/inspection.ts';
import { outputOf, runActor } from '../actors/run-actor.ts';
import { statePath } from '../actors/state-path.ts';
import type { EndedConnection } from '../api/endings.ts';
import { linkActor } from '../io/adapters/link-actor.ts';
import { parseRawPublicKey } from '../io/crypto/public-key.ts';
import { brokenLink } from '../io/link/broken-link.ts';
import type { ByteStream } from '../io/link/byte-stream.ts';
import type { Link, LinkOptions } from '../io/link/link.ts';
import { Traffic } from '../io/link/traffic.ts';
import type { Budgets } from '../io/process/budget.ts';
import { subnetOf } from '../io/wire/ip-address.ts';
import type {
  ConnectionSetupInput,
  ConnectionSetupOutput,
  Direction,
} from '../machines/connection/connection.ts';
import { connectionSetupMachine } from '../machines/connection/connection-setup.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { PeerOutput } from '../machines/peer/peer.ts';
import type { ServerMachineEvent } from '../machines/server/server-events.ts';
import type { ServerConfig } from './config.ts';

export type SetupRequest = {
  readonly stream: ByteStream;
  readonly direction: Direction;
  /** What an inbound one holds of the listener; null for dials. */
  readonly slot: number | null;
  /** Whom we dialled; null for inbound connections. */
  readonly target: DialTarget | null;
  readonly onEnd: (result: ConnectionSetupOutput) => void;
};

/** What becomes a peer, or is let go. */
export type Connection = {
  readonly connectionId: string;
  readonly direction: Direction;
  readonly stream: ByteStream;
  readonly link: Link;
  /** Of its own stream. */
  readonly traffic: Traffic;
};

export type ConnectionSetupsHooks = {
  /** To the run loop. */
  readonly tell: (event: ServerMachineEvent) => void;
  /** Whom checkpoints are asked of. */
  readonly runLoop: ConnectionSetupInput['runLoop'];
  readonly traffic: Traffic;
  readonly budgets: Budgets;
  /** Takes the stream and the link over. */
  readonly onAdmitted: (connection: Connection, result: ConnectionSetupOutput) => void;
  readonly onEnded: (connection: EndedConnection) => void;
  /** A mistake of ours in one actor or adapter. */
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

export class ConnectionSetups {
  readonly #config: ServerConfig;
  readonly #hooks: ConnectionSetupsHooks;
  /** By connection. Bounded by the slots of the listener and of the dial scheduler. */
  readonly #running = new Map<string, ActorRefFrom<typeof connectionSetupMachine>>();
  /** The inbound ones of them, by the slot they hold. */
  readonly #inSlots = new Map<number, ActorRefFrom<typeof connectionSetupMachine>>();
  #connections = 0;

  readonly #machine = connectionSetupMachine.provide({ actors: { link: linkActor } });

  constructor(config: ServerConfig, hooks: ConnectionSetupsHooks) {
    this.#config = config;
    this.#hooks = hooks;
  }

  /** How each of the connections came to be that are in setup now. */
  get directions(): readonly Direction[] {
    return [...this.#running.values()].map((setup) => setup.getSnapshot().context.direction);
  }

  /** Who holds which slot of the listener: connections by slot. */
  get slotHolders(): ReadonlyMap<number, string> {
    return new Map(
      [...this.#inSlots].map(([slot, setup]) => [slot, setup.getSnapshot().context.connectionId]),
    );
  }

  /** Whoever connected to us holds this slot of the listener until the end of its setup. */
  accept(stream: ByteStream, slot: number): void {
    this.start({ stream, direction: 'inbound', slot, target: null, onEnd: () => {} });
  }

  /** @returns the id of the new connection. */
  start({ stream, direction, slot, target, onEnd }: SetupRequest): string {
    const { tell, runLoop, onFault, onAdmitted, onEnded, inspection } = this.#hooks;
    this.#connections += 1;
    const connectionId = String(this.#connections);
    const { clock } = this.#config.ports;
    const traffic = new Traffic(this.#hooks.traffic);
    const link = this.#link(stream, target, traffic);
    const trail: string[] = [];
    const trailMs: number[] = [];
    const begunAt = clock.now();
    const restIn = (state: string): void => {
      if (state === trail.at(-1)) return;
      trail.push(state);
      trailMs.push(Math.round(clock.now() - begunAt));
    };
    runActor(this.#machine, {
      id: `connection-setup:${connectionId}`,
      clock,
      inspection,
      input: {
        connectionId,
        direction,
        remote: stream.remote,
        slot,
        hasDestinationKey: target?.publicKey !== '',
        subnet: subnetOf(stream.remote.host),
        link,
        runLoop,
      },
      onCreated: (actor) => {
        this.#running.set(connectionId, actor);
        if (slot !== null) this.#inSlots.set(slot, actor);
      },
      onSnapshot: ({ status, value }) => {
        if (status === 'active') restIn(statePath(value));
      },
      settle: (ending) => {
        this.#running.delete(connectionId);
        if (slot !== null) this.#inSlots.delete(slot);
        if (ending.status === 'error') onFault(ending.error, 'connection-setup');
        const result = outputOf(ending, CUT);
        restIn(result.state); // a failure has not been rested in
        if (result.outcome === 'admitted')
          onAdmitted({ connectionId, direction, stream, link, traffic }, result);
        else {
          letGo(stream, link, result.state);
          const id = result.learnt.id ?? '';
          tell({ type: 'peer.dropped', connectionId, id, ending: NEVER_WAS });
          const { outcome, ...rest } = result;
          onEnded({
            ...rest,
            outcome,
            connectionId,
            direction,
            remote: stream.remote,
            trail,
            trailMs,
            ms: trailMs.at(-1) ?? 0, // the goodbye after it does not count
            bytesIn: traffic.stream.ingress,
            bytesOut: traffic.stream.egress,
          });
        }
        tell({ type: 'connection.ended', connectionId, slot });
        onEnd(result);
      },
    });
    return connectionId;
  }

  /** Whoever dialled does not want it any more. */
  cancel(connectionId: string): void {
    this.#running.get(connectionId)?.send({ type: 'cancel' });
  }

  /** The node became a peer over another connection. */
  supersede(connectionId: string): void {
    this.#running.get(connectionId)?.send({ type: 'supersede' });
  }

  /** Somebody else has this slot now. */
  replace(slot: number): void {
    this.#inSlots.get(slot)?.send({ type: 'make.room' });
  }

  /** Asks all of them to end. */
  abort(): void {
    for (const actor of [...this.#running.values()]) actor.send({ type: 'stop' });
  }

  /** Ends all of them, at once and without a word. */
  destroy(): void {
    for (const actor of [...this.#running.values()]) actor.stop();
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

/** Nobody needs this connection any more. */
export function letGo(stream: ByteStream, link: Link, state: string): void {
  link.release(new Error(`the connection is over: ${state}`));
  stream.destroy();
}

/** What a setup says that was stopped, or broke, before it could say it itself. */
const CUT: ConnectionSetupOutput = {
  outcome: 'failed',
  state: 'failed.internalError',
  facts: { cut: true },
  learnt: {},
};

/** The run loop may have counted it as a peer already. */
const NEVER_WAS: PeerOutput = {
  outcome: 'failed',
  state: 'ending.failed.internalError',
  facts: { announced: false },
  abandoned: [],
};
