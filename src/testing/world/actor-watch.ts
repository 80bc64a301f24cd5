/** Sees every actor of a world: which are alive, what they went through, and which event none of their states handled. */
import type { AnyActorRef, InspectionEvent, Snapshot } from 'xstate';

/** What somebody who looks on is told after each event of each actor. */
export type Observation = {
  /** The name of its node. */
  readonly node: string;
  readonly actor: AnyActorRef;
  readonly event: { readonly type: string };
  /** What came of it. */
  readonly snapshot: Snapshot<unknown>;
};

export type ActorWatchHooks = {
  /** An actor of a chart took this event, and is in this state now. */
  readonly onTransition: (node: string, actor: string, event: string, state: string) => void;
  /** No state handled it. */
  readonly onIgnored: (node: string, actor: string, event: string) => void;
  readonly onObserverFault: (error: unknown) => void;
};

export class ActorWatch {
  readonly #hooks: ActorWatchHooks;
  readonly #observers = new Set<(observation: Observation) => void>();
  /** Names of their nodes. Those that end leave. */
  readonly #actors = new Map<AnyActorRef, string>();

  constructor(hooks: ActorWatchHooks) {
    this.#hooks = hooks;
  }

  /** @returns a function that stops it. */
  observe(observer: (observation: Observation) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** For the `inspect` option of one node. */
  inspectorOf(node: string): (inspected: InspectionEvent) => void {
    return (inspected) => {
      const actor = inspected.actorRef as AnyActorRef;
      // a chart that ends at once never starts what it invokes, and that needs no end
      if (inspected.type === '@xstate.event' && inspected.event.type === 'xstate.init')
        this.#actors.set(actor, node);
      if (inspected.type === '@xstate.microstep') return this.#onMicrostep(node, actor, inspected);
      if (inspected.type === '@xstate.snapshot') this.#onSnapshot(node, actor, inspected);
    };
  }

  /** Those that have not ended, by node, in the order of their making. */
  living(): { readonly node: string; readonly id: string }[] {
    return [...this.#actors]
      .filter(([actor]) => actor.getSnapshot()?.status === 'active') // one that never started says nothing
      .map(([{ id }, node]) => ({ node, id }));
  }

  #onSnapshot(node: string, actor: AnyActorRef, { event, snapshot }: Rest): void {
    const seen = snapshot as Snapshot<unknown>;
    if (seen.status !== 'active') this.#actors.delete(actor);
    for (const observer of this.#observers)
      this.#tell(observer, { node, actor, event, snapshot: seen });
  }

  #onMicrostep(
    node: string,
    { id }: AnyActorRef,
    { event, snapshot, _transitions: transitions }: Microstep,
  ): void {
    const isOwn = event.type.startsWith('xstate.');
    if (transitions.length === 0 && !isOwn) this.#hooks.onIgnored(node, id, event.type);
    const { value } = snapshot as { readonly value?: unknown };
    this.#hooks.onTransition(node, id, event.type, JSON.stringify(value) ?? '');
  }

  #tell(observer: (observation: Observation) => void, observation: Observation): void {
    try {
      observer(observation);
    } catch (error) {
      this.#hooks.onObserverFault(error);
    }
  }
}

type Rest = Extract<InspectionEvent, { type: '@xstate.snapshot' }>;
type Microstep = Extract<InspectionEvent, { type: '@xstate.microstep' }>;
