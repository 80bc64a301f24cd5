/**
 * The only file that knows the inspection events of XState: it makes facts about actors of charts of them.
 * Cause comes before effect: an actor's step is told before what other actors did because of it. XState reports the
 * other way round, each actor once all that it set off is over.
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

/** Definitions of transitions: the same object each time, for one machine. */
export type TakenTransitions = Extract<
  InspectionEvent,
  { type: '@xstate.microstep' }
>['_transitions'];

/** Numbers are never used twice. */
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
  /** Empty at birth, and when the event was ignored. */
  readonly taken: TakenTransitions;
  readonly snapshot: AnyMachineSnapshot;
};

export type LifecycleListener = {
  /** It exists, and has no state yet. */
  started(actor: ObservedActor): void;
  /** An event is dealt with. The first one of each actor is `xstate.init`, with its input, unless it was adopted. */
  stepped(actor: ObservedActor, step: MacroStep): void;
  /** It was there before anybody looked on. */
  found(actor: ObservedActor, snapshot: AnyMachineSnapshot): void;
  ended(actor: ObservedActor, status: 'done' | 'stopped' | 'error'): void;
};

type Pending = {
  event: AnyEventObject;
  taken: TakenTransitions[number][];
  snapshot: AnyMachineSnapshot;
};

/** For `Inspection.watch`. */
export class Lifecycle implements Watcher {
  readonly #listener: LifecycleListener;
  /** Those that live. */
  readonly #actors = new Map<AnyActorRef, ObservedActor>();
  /** The living children of those that have some, by number. */
  readonly #children = new Map<number, Set<ObservedActor>>();
  /** Steps that XState is in the middle of, in the order of their beginning. */
  readonly #pending = new Map<ObservedActor, Pending>();
  /** Their step was told before XState itself was done with it. */
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

  /** One that broke in the middle of a step did take it. */
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
    if (actor.parent !== null) this.#childrenOf(actor.parent).add(actor);
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
      // a birth has no microstep of its own
      if (!this.#pending.has(actor)) this.#pending.set(actor, { event, taken: [], snapshot });
      this.#reportUpTo(actor, snapshot);
    }
    const { status } = snapshot as Snapshot<unknown>;
    if (status !== 'active') this.#end(actor, status);
  }

  /** Children that are still there have broken: a parent stops all others first. */
  #end(actor: ObservedActor, status: 'done' | 'stopped' | 'error'): void {
    const { number, ref, parent } = actor;
    for (const child of this.#children.get(number) ?? []) this.#end(child, 'error');
    this.#children.delete(number);
    if (parent !== null) this.#children.get(parent)?.delete(actor);
    this.#actors.delete(ref);
    this.#pending.delete(actor);
    this.#reportedEarly.delete(actor);
    this.#listener.ended(actor, status);
  }

  #childrenOf(parent: number): Set<ObservedActor> {
    const known = this.#children.get(parent);
    if (known) return known;
    const children = new Set<ObservedActor>();
    this.#children.set(parent, children);
    return children;
  }

  /** What began before this actor's step has been decided by now; only what it set off is not over. */
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

/** XState does not say it in its report. */
const parentOf = (ref: AnyActorRef): AnyActorRef | undefined =>
  (ref as AnyActorRef & { readonly _parent?: AnyActorRef })._parent;
