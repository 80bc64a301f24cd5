/**
 * Turns XState inspection events into facts about the actors of charts: started, stepped, found, ended. No other file
 * reads those events. An actor's step is reported before the steps it caused in other actors; XState reports it after.
 */
import type {
  AnyActorRef,
  AnyEventObject,
  AnyMachineSnapshot,
  InspectionEvent,
  Snapshot,
} from 'xstate';
import { type AnyStateMachine, StateMachine } from 'xstate';

import type { Watcher } from './inspection.ts';

/** Definitions of transitions: for one machine the same objects each time. */
export type TakenTransitions = Extract<
  InspectionEvent,
  { type: '@xstate.microstep' }
>['_transitions'];

/** An actor of a chart. Its number is never reused. */
export type ObservedActor = {
  readonly number: number;
  readonly id: string;
  readonly machine: AnyStateMachine;
  /** Null for roots. */
  readonly parent: number | null;
  readonly ref: AnyActorRef;
};

export type MacroStep = {
  readonly event: AnyEventObject;
  /** Empty for `xstate.init`, and when the event was ignored. */
  readonly taken: TakenTransitions;
  readonly snapshot: AnyMachineSnapshot;
};

export type LifecycleListener = {
  /** The actor exists and has no state yet. */
  started(actor: ObservedActor): void;
  /** An event was processed. The first one of each actor is `xstate.init`, with its input, unless the actor was found. */
  stepped(actor: ObservedActor, step: MacroStep): void;
  /** The actor existed before the listener was added. */
  found(actor: ObservedActor, snapshot: AnyMachineSnapshot): void;
  ended(actor: ObservedActor, status: 'done' | 'stopped' | 'error'): void;
};

type Pending = {
  event: AnyEventObject;
  taken: TakenTransitions[number][];
  snapshot: AnyMachineSnapshot;
};

/** Pass it to `Inspection.watch`. */
export class Lifecycle implements Watcher {
  readonly #listener: LifecycleListener;
  /** Every running actor. */
  readonly #actors = new Map<AnyActorRef, ObservedActor>();
  /** Running children by their parent. */
  readonly #children = new WeakMap<AnyActorRef, Set<ObservedActor>>();
  /** Steps that XState has begun and not finished, in order. */
  readonly #pending = new Map<ObservedActor, Pending>();
  /** Actors whose step was reported before XState finished it. */
  readonly #reportedEarly = new Set<ObservedActor>();
  #lastNumber = 0;

  constructor(listener: LifecycleListener) {
    this.#listener = listener;
  }

  readonly onEvent = (inspected: InspectionEvent): void => {
    const ref = inspected.actorRef as AnyActorRef;
    if (inspected.type === '@xstate.actor') {
      this.#add(ref, parentOf(ref));
      return;
    }
    const actor = this.#actors.get(ref);
    if (!actor) return;
    switch (inspected.type) {
      case '@xstate.microstep': {
        const { event, _transitions: taken, snapshot } = inspected;
        this.#onMicrostep(actor, event, taken, snapshot as AnyMachineSnapshot);
        return;
      }
      case '@xstate.snapshot': {
        this.#onSnapshot(actor, inspected.event, inspected.snapshot as AnyMachineSnapshot);
        return;
      }
    }
  };

  readonly onFound = (ref: AnyActorRef, parent: AnyActorRef | null): void => {
    const actor = this.#add(ref, parent ?? undefined);
    const snapshot = ref.getSnapshot() as AnyMachineSnapshot;
    if (actor) this.#listener.found(actor, snapshot);
  };

  /** An actor that failed in the middle of a step did take the step. */
  readonly onRootEnded = (root: AnyActorRef): void => {
    const actor = this.#actors.get(root);
    if (!actor || (root.getSnapshot() as Snapshot<unknown>).status !== 'error') return;
    const pending = this.#pending.get(actor);
    if (pending) this.#reportUpTo(actor, pending.snapshot);
    this.#end(actor, 'error');
  };

  #add(ref: AnyActorRef, parent: AnyActorRef | undefined): ObservedActor | null {
    const { logic } = ref as AnyActorRef & { readonly logic?: unknown };
    if (!(logic instanceof StateMachine) || this.#actors.has(ref)) return null;
    this.#lastNumber += 1;
    const actor: ObservedActor = {
      number: this.#lastNumber,
      id: ref.id,
      machine: logic,
      parent: (parent && this.#actors.get(parent)?.number) ?? null,
      ref,
    };
    this.#actors.set(ref, actor);
    if (parent) this.#childrenOf(parent).add(actor);
    this.#listener.started(actor);
    return actor;
  }

  #onMicrostep(
    actor: ObservedActor,
    event: AnyEventObject,
    taken: TakenTransitions,
    snapshot: AnyMachineSnapshot,
  ): void {
    const pending = this.#pending.get(actor);
    if (pending) {
      pending.taken.push(...taken);
      pending.snapshot = snapshot;
    } else this.#pending.set(actor, { event, taken: [...taken], snapshot });
  }

  #onSnapshot(actor: ObservedActor, event: AnyEventObject, snapshot: AnyMachineSnapshot): void {
    if (!this.#reportedEarly.delete(actor)) {
      // `xstate.init` has no microstep of its own
      if (!this.#pending.has(actor)) this.#pending.set(actor, { event, taken: [], snapshot });
      this.#reportUpTo(actor, snapshot);
    }
    const { status } = snapshot as Snapshot<unknown>;
    if (status !== 'active') this.#end(actor, status);
  }

  /** Children that are still running have failed: a parent stops all others first. */
  #end(actor: ObservedActor, status: 'done' | 'stopped' | 'error'): void {
    const { ref } = actor;
    for (const child of this.#children.get(ref) ?? []) this.#end(child, 'error');
    const parent = parentOf(ref);
    if (parent) this.#children.get(parent)?.delete(actor);
    this.#actors.delete(ref);
    this.#pending.delete(actor);
    this.#reportedEarly.delete(actor);
    this.#listener.ended(actor, status);
  }

  #childrenOf(parent: AnyActorRef): Set<ObservedActor> {
    const known = this.#children.get(parent);
    if (known) return known;
    const children = new Set<ObservedActor>();
    this.#children.set(parent, children);
    return children;
  }

  /** Steps that began before this one are decided; only the steps they caused are not finished. */
  #reportUpTo(last: ObservedActor, snapshot: AnyMachineSnapshot): void {
    for (const [actor, { event, taken, snapshot: latest }] of this.#pending) {
      this.#pending.delete(actor);
      const isLast = actor === last;
      this.#listener.stepped(actor, { event, taken, snapshot: isLast ? snapshot : latest });
      if (isLast) return;
      this.#reportedEarly.add(actor);
    }
  }
}

/** The report of XState does not contain the parent. */
const parentOf = (ref: AnyActorRef): AnyActorRef | undefined =>
  (ref as AnyActorRef & { readonly _parent?: AnyActorRef })._parent;
