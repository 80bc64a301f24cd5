/** Starts a root actor and calls `settle` exactly once at its end. Roots, because children of one parent get slower as they grow in number. */
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

/** How an actor ended. `error` is always a fault of our own. */
export type Ending<Output> =
  | { readonly status: 'done'; readonly output: Output }
  | { readonly status: 'error'; readonly error: unknown }
  | { readonly status: 'stopped' };

/** The output of an actor; `otherwise` when it was stopped or failed before it had one. */
export const outputOf = <Output>(ending: Ending<Output>, otherwise: Output): Output =>
  ending.status === 'done' ? ending.output : otherwise;

export type RunOptions<Logic extends AnyActorLogic> = {
  readonly id: string;
  readonly input: InputFrom<Logic>;
  readonly clock: Clock;
  readonly inspection: Inspection;
  /** Called with the actor before it starts. */
  readonly onCreated?: (actor: ActorRefFrom<Logic>) => void;
  /** Called with every event the actor emits, in order. */
  readonly onEmitted?: (event: EmittedFrom<Logic>) => void;
  /** Called with every settled state. */
  readonly onSnapshot?: (snapshot: SnapshotFrom<Logic>) => void;
  /** Called once. What the actor owned is released, or handed on, here and nowhere else. */
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
