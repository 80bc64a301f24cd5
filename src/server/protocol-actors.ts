/** What one handler of a subprotocol gets of the server: its ports, its logger, and charts that end with it. */
import type { AnyActor, AnyStateMachine } from 'xstate';
import type { Inspection } from '../actors/inspection.ts';
import { runActor } from '../actors/run-actor.ts';
import type { Ports } from '../api/options.ts';
import type { ActorOptions, ProtocolLogger, ProtocolTools } from '../api/protocol-tools.ts';
import { callUser } from '../api/user-call.ts';

/** Running charts of one handler on one peer. Ours: eth has one. */
export const MAX_PROTOCOL_ACTORS = 16;

export type ProtocolActorsOptions = Pick<Ports, 'clock' | 'random' | 'unixTimeMs'> & {
  readonly requests: ProtocolTools['requests'];
  /** How the peer ended; null before that. */
  readonly ending: ProtocolTools['ending'];
  /** The end of the id of each actor. */
  readonly connectionId: string;
  readonly logger: ProtocolLogger;
  readonly inspection: Inspection;
  /** Reports an internal error of an actor or of a callback. */
  readonly onFault: (error: unknown, where: string) => void;
};

export class ProtocolActors {
  readonly tools: ProtocolTools;
  readonly #options: ProtocolActorsOptions;
  /** At most MAX_PROTOCOL_ACTORS. */
  readonly #running = new Set<AnyActor>();
  #isClosed = false;

  constructor(options: ProtocolActorsOptions) {
    const { clock, unixTimeMs, random, logger, requests, ending } = options;
    this.#options = options;
    this.tools = {
      ...{ clock, unixTimeMs, random, logger, requests, ending },
      startActor: (machine, actor) => this.#start(machine, actor),
    };
  }

  /** Stops what is running; nothing starts afterwards. */
  close(): void {
    this.#isClosed = true;
    for (const actor of [...this.#running]) actor.stop();
  }

  #start<Machine extends AnyStateMachine>(
    machine: Machine,
    { input, onSnapshot, onEmitted, onEnd }: ActorOptions<Machine>,
  ) {
    const { connectionId, clock, inspection, onFault } = this.#options;
    if (this.#isClosed)
      throw new Error(`the handler has ended, so that ${machine.id} cannot be started`);
    if (this.#running.size >= MAX_PROTOCOL_ACTORS)
      throw new RangeError(`a handler may run ${MAX_PROTOCOL_ACTORS} charts at once`);
    const guarded = (call: () => unknown): void =>
      callUser(call, (error) => onFault(error, machine.id));
    let own: AnyActor;
    return runActor(machine, {
      id: `${machine.id}:${connectionId}`,
      ...{ input, clock, inspection },
      onCreated: (actor) => {
        own = actor as unknown as AnyActor;
        this.#running.add(own);
      },
      ...(onSnapshot && { onSnapshot: (snapshot) => guarded(() => onSnapshot(snapshot)) }),
      ...(onEmitted && { onEmitted: (event) => guarded(() => onEmitted(event)) }),
      settle: (ending) => {
        this.#running.delete(own);
        if (ending.status === 'error') onFault(ending.error, machine.id);
        if (onEnd) guarded(() => onEnd(ending));
      },
    });
  }
}
