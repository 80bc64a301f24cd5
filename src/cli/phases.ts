/** How far a connection of ours came, and how long each phase took: heard from the charts, as an inspector does. */
import type { AnyActorRef } from 'xstate';
import type { Inspect } from '../actors/inspection.ts';
import { statePath } from '../actors/state-path.ts';
import type { Clock } from '../io/process/clock.ts';

/** In the order in which a dial passes them. */
export const PHASES = ['dns', 'tcp', 'auth', 'ack', 'hello', 'capabilities', 'peer'] as const;
export type Phase = (typeof PHASES)[number];

export type PhaseReport = {
  readonly phase: Phase;
  /** `skipped` when there was nothing to do: an address needs no DNS. */
  readonly result: 'passed' | 'failed' | 'skipped' | 'notReached';
  /** Null unless it was entered. */
  readonly ms: number | null;
};

/** By the states of dial-task and connection-setup; in the others there is nothing to wait for, or it is over. */
const PHASE_OF = new Map<string, Phase>([
  ['lookingUpHost', 'dns'],
  ['connecting', 'tcp'],
  ['encHandshake.sendingAuth', 'auth'],
  ['encHandshake.awaitingAck', 'ack'],
  ['postHandshakeCheckpoint', 'hello'],
  ['protoHandshake', 'hello'],
  ['addPeerCheckpoint.asking', 'capabilities'],
  ['addPeerCheckpoint.held', 'capabilities'],
  ['admitted', 'peer'],
]);

/** Where a connection is over, or waits for its goodbye only. */
const OVER = /^(?:rejected|refused|failed)\./;

/** For one dial: the actors of a second one would be taken for the same. */
export class Phases {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #begunAt = new Map<Phase, number>();
  #endedAt: number | null = null;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** For the option of that name. */
  readonly inspect: Inspect = (event) => {
    if (event.type !== '@xstate.snapshot' || !/^(dial-task|connection-setup):/.test(idOf(event)))
      return;
    const state = statePath((event.snapshot as unknown as Standing).value);
    const phase = PHASE_OF.get(state);
    if (OVER.test(state)) this.#endedAt ??= this.#clock.now();
    if (phase && !this.#begunAt.has(phase)) this.#begunAt.set(phase, this.#clock.now());
  };

  /** The one that was entered last. */
  get latest(): Phase | undefined {
    return PHASES.findLast((phase) => this.#begunAt.has(phase));
  }

  /** Nothing more will happen. @param peerMs How long they were a peer, if they were. */
  report(isKept: boolean, peerMs: number): readonly PhaseReport[] {
    const { latest } = this;
    const entered = PHASES.filter((phase) => this.#begunAt.has(phase));
    return PHASES.map((phase) => {
      const begunAt = this.#begunAt.get(phase);
      if (begunAt === undefined) {
        const isPast = latest !== undefined && PHASES.indexOf(phase) < PHASES.indexOf(latest);
        return { phase, result: isPast ? 'skipped' : 'notReached', ms: null };
      }
      const next = entered[entered.indexOf(phase) + 1];
      const endedAt = next ? this.#begunAt.get(next)! : (this.#endedAt ?? this.#clock.now());
      const ms = phase === 'peer' ? peerMs : Math.round(endedAt - begunAt);
      return { phase, result: phase === latest && !isKept ? 'failed' : 'passed', ms };
    });
  }
}

type Standing = { readonly value: Parameters<typeof statePath>[0] };

const idOf = ({ actorRef }: Parameters<Inspect>[0]): string => (actorRef as AnyActorRef).id;
