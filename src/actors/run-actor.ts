/** Starts a root actor and hears of its end exactly once. Roots, because children of one parent get slower with their number. */
import {
  type ActorRefFrom,
  type AnyActorLogic,
  createActor,
  type EmittedFrom,
  type InputFrom,
  type OutputFrom,
  type SnapshotFrom,
} from 'xstate';

import type { Clock } from '../io/process/clock.ts';
import type { Inspection } from './inspection.ts';

/** The one ending of an actor. `error` is always a mistake of ours. */
export type Ending<Output> =
  | { readonly status: 'done'; readonly output: Output }
  | { readonly status: 'error'; readonly error: unknown }
  | { readonly status: 'stopped' };

/** What an actor said last; `otherwise` when it was stopped, or broke, before it could. */
export const outputOf = <Output>(ending: Ending<Output>, otherwise: Output): Output =>
  ending.status === 'done' ? ending.output : otherwise;

export type RunOptions<Logic extends AnyActorLogic> = {
  readonly id: string;
  readonly input: InputFrom<Logic>;
  readonly clock: Clock;
  readonly inspection: Inspection;
  /** Gets the actor before it starts. */
  readonly onCreated?: (actor: ActorRefFrom<Logic>) => void;
  /** Hears what the actor emits, in order. */
  readonly onEmitted?: (event: EmittedFrom<Logic>) => void;
  /** Hears of every state it rests in. */
  readonly onSnapshot?: (snapshot: SnapshotFrom<Logic>) => void;
  /** Runs once. Whatever the actor owned is released, or handed on, here and nowhere else. */
  readonly settle: (ending: Ending<OutputFrom<Logic>>) => void;
};

export function runActor<Logic extends AnyActorLogic>(
  logic: Logic,
  { id, input, clock, inspection, onCreated, onEmitted, onSnapshot, settle }: RunOptions<Logic>,
) {
  const actor = inspection.createRoot((inspect) =>
    createActor(logic as AnyActorLogic, { id, input, clock, ...(inspect && { inspect }) }),
  );
  let settled = false;
  const end = (ending: Ending<OutputFrom<Logic>>): void => {
    if (settled) return;
    settled = true;
    inspection.rootEnded(actor);
    settle(ending);
  };
  if (onEmitted) actor.on('*', (event) => onEmitted(event as EmittedFrom<Logic>));
  actor.subscribe({
    next: (snapshot) => onSnapshot?.(snapshot as SnapshotFrom<Logic>),
    complete: () => {
      const snapshot = actor.getSnapshot() as { status: string; output: OutputFrom<Logic> };
      end(snapshot.status === 'done' ? (snapshot as Done<Logic>) : { status: 'stopped' });
    },
    error: (error) => end({ status: 'error', error }), // observed, so XState does not throw it at the process
  });
  onCreated?.(actor as ActorRefFrom<Logic>);
  actor.start();
  return actor as ActorRefFrom<Logic>;
}

type Done<Logic extends AnyActorLogic> = {
  readonly status: 'done';
  readonly output: OutputFrom<Logic>;
};
