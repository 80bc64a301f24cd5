/** Watches every actor of a world: which are active, their transitions, and events that no state handled. */
import type { AnyActorRef, InspectionEvent, Snapshot } from 'xstate';

import { callUser } from '../../api/user-call.ts';

/** What an observer gets after each event of each actor. */
export type Observation = {
  /** Label of the node. */
  readonly node: string;
  readonly actor: AnyActorRef;
  readonly event: { readonly type: string };
  /** After the event. */
  readonly snapshot: Snapshot<unknown>;
};

export type ActorWatchHooks = {
  /** A machine processed `event`; `state` is its new state value as JSON. */
  readonly onTransition: (node: string, actor: string, event: string, state: string) => void;
  /** No state of the machine handled `event`. */
  readonly onIgnored: (node: string, actor: string, event: string) => void;
  readonly onObserverError: (error: unknown) => void;
};

export class ActorWatch {
  readonly #hooks: ActorWatchHooks;
  readonly #observers = new Set<(observation: Observation) => void>();
  /** Label of the node of each active actor. */
  readonly #actors = new Map<AnyActorRef, string>();

  constructor(hooks: ActorWatchHooks) {
    this.#hooks = hooks;
  }

  /** @returns A function that removes the observer. */
  observe(observer: (observation: Observation) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** For the `inspect` option of one node. */
  inspectorOf(node: string): (inspected: InspectionEvent) => void {
    return (inspected) => {
      const actor = inspected.actorRef as AnyActorRef;
      // register on init: a machine that ends at once never starts its invoked actors
      if (inspected.type === '@xstate.event' && inspected.event.type === 'xstate.init')
        this.#actors.set(actor, node);
      if (inspected.type === '@xstate.microstep') return this.#onMicrostep(node, actor, inspected);
      if (inspected.type === '@xstate.snapshot') this.#onSnapshot(node, actor, inspected);
    };
  }

  /** Actors that have not ended, in the order of creation. */
  active(): { readonly node: string; readonly id: string }[] {
    return [...this.#actors]
      .filter(([actor]) => actor.getSnapshot()?.status === 'active') // an actor that never started reports no end
      .map(([{ id }, node]) => ({ node, id }));
  }

  #onSnapshot(node: string, actor: AnyActorRef, { event, snapshot }: SnapshotInspection): void {
    const current = snapshot as Snapshot<unknown>;
    if (current.status !== 'active') this.#actors.delete(actor);
    for (const observer of this.#observers)
      this.#notify(observer, { node, actor, event, snapshot: current });
  }

  #onMicrostep(
    node: string,
    { id }: AnyActorRef,
    { event, snapshot, _transitions: transitions }: Microstep,
  ): void {
    const isInternal = event.type.startsWith('xstate.');
    if (transitions.length === 0 && !isInternal) this.#hooks.onIgnored(node, id, event.type);
    const { value } = snapshot as { readonly value?: unknown };
    this.#hooks.onTransition(node, id, event.type, JSON.stringify(value) ?? '');
  }

  #notify(observer: (observation: Observation) => void, observation: Observation): void {
    callUser(() => observer(observation), this.#hooks.onObserverError);
  }
}

type SnapshotInspection = Extract<InspectionEvent, { type: '@xstate.snapshot' }>;
type Microstep = Extract<InspectionEvent, { type: '@xstate.microstep' }>;
