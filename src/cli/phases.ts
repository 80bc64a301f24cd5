/** How far a dial got, and how long each phase took; measured from the inspection events of its actors. */
import type { AnyActorRef } from 'xstate';
import type { Inspect } from '../actors/inspection.ts';
import { statePath } from '../actors/state-path.ts';
import type { Clock } from '../io/process/clock.ts';

/** In the order in which a dial passes them. */
export const PHASES = [
  'dns',
  'tcp',
  'auth',
  'ack',
  'hello',
  'capabilities',
  'status',
  'peer',
] as const;
export type Phase = (typeof PHASES)[number];

export type PhaseReport = {
  readonly phase: Phase;
  /** `skipped` when there was nothing to do: an address needs no DNS. */
  readonly result: 'passed' | 'failed' | 'skipped' | 'notReached';
  /** Null when the phase was not entered. */
  readonly ms: number | null;
};

/** By states of dial-task, connection-setup and eth-session; in other states nothing is waited for, or the attempt has ended. */
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
  ['awaitingStatus', 'status'],
  ['active.unconfirmed', 'peer'],
]);

/** States after the ending; they only flush the Disconnect. */
const ENDED = /^(?:rejected|refused|failed)\./;

/** For one dial only: the actors of a second one are not told apart. */
export class Phases {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #beganAt = new Map<Phase, number>();
  #endedAt: number | null = null;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** For the option `inspect` of a server. */
  readonly inspect: Inspect = (event) => {
    if (
      event.type !== '@xstate.snapshot' ||
      !/^(dial-task|connection-setup|eth-session):/.test(idOf(event))
    )
      return;
    const state = statePath((event.snapshot as unknown as Snapshot).value);
    const phase = PHASE_OF.get(state);
    if (ENDED.test(state)) this.#endedAt ??= this.#clock.now();
    if (phase) this.enter(phase);
  };

  /** A peer that speaks eth counts as one when it has sent its Status. */
  enter(phase: Phase): void {
    if (phase === 'status') this.#beganAt.delete('peer');
    if (!this.#beganAt.has(phase)) this.#beganAt.set(phase, this.#clock.now());
  }

  /** The last phase that was entered. */
  get latest(): Phase | undefined {
    return PHASES.findLast((phase) => this.#beganAt.has(phase));
  }

  /** Call it after the end. @param isKept They were still a peer. @param peerMs Time as a peer, in ms; 0 if they were not. */
  report(isKept: boolean, peerMs: number): readonly PhaseReport[] {
    const { latest } = this;
    const entered = PHASES.filter((phase) => this.#beganAt.has(phase));
    return PHASES.map((phase) => {
      const beganAt = this.#beganAt.get(phase);
      if (beganAt === undefined) {
        const isPast = latest !== undefined && PHASES.indexOf(phase) < PHASES.indexOf(latest);
        return { phase, result: isPast ? 'skipped' : 'notReached', ms: null };
      }
      const next = entered[entered.indexOf(phase) + 1];
      const endedAt = next ? this.#beganAt.get(next)! : (this.#endedAt ?? this.#clock.now());
      const ms = phase === 'peer' ? peerMs : Math.round(endedAt - beganAt);
      return { phase, result: phase === latest && !isKept ? 'failed' : 'passed', ms };
    });
  }
}

type Snapshot = { readonly value: Parameters<typeof statePath>[0] };

const idOf = ({ actorRef }: Parameters<Inspect>[0]): string => (actorRef as AnyActorRef).id;
