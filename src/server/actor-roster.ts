/**
 * The running actors of one machine, each a root actor under a key of its own. Starts them, knows since when each is in
 * its state, reports each end exactly once, and stops them all. `onEnd` of the caller releases what an actor owned.
 */
import type {
  ActorRefFrom,
  AnyActor,
  AnyActorLogic,
  EmittedFrom,
  EventFromLogic,
  InputFrom,
  OutputFrom,
  SnapshotFrom,
  StateValue,
} from 'xstate';
import type { Inspection } from '../actors/inspection.ts';
import { outputOf, runActor } from '../actors/run-actor.ts';
import { statePath } from '../actors/state-path.ts';
import type { Clock } from '../io/process/clock.ts';

export type RosterOptions<Logic extends AnyActorLogic> = {
  readonly logic: Logic;
  /** What the log calls these actors, such as `dial-task`; ids begin with it. */
  readonly name: string;
  readonly clock: Clock;
  readonly inspection: Inspection;
  /** Reports the internal error that ended an actor. */
  readonly onFault: (error: unknown, where: string) => void;
  /** Called with each state that an actor comes to, and with its last one when it is no longer in the roster. */
  readonly onState?: (change: StateChange<Logic>) => void;
  /** Whether anyone listens to states; without a listener `onState` is not called. */
  readonly hasStateListeners?: () => boolean;
};

/** An actor, and since when it is in its state. */
export type ActorState<Logic extends AnyActorLogic> = {
  readonly key: string;
  readonly snapshot: SnapshotFrom<Logic>;
  readonly state: string;
  /** In whole ms, up to now. */
  readonly inStateMs: number;
};

type StateChange<Logic extends AnyActorLogic> = ActorState<Logic> & {
  /** The state before; null for the first one. */
  readonly previous: string | null;
  /** Whether the actor has ended. */
  readonly isLast: boolean;
};

export type StartOptions<Logic extends AnyActorLogic> = {
  /** Unique among the running ones. */
  readonly key: string;
  /** The end of the actor's id; the key unless given. */
  readonly label?: string;
  readonly input: InputFrom<Logic>;
  /** Called with each state the actor comes to, except the last one. */
  readonly onState?: (state: string) => void;
  readonly onEmitted?: (event: EmittedFrom<Logic>) => void;
  /** The output of an actor that was destroyed, or ended by an internal error. */
  readonly otherwise: OutputFrom<Logic>;
  /** Called once, when the actor is no longer in the roster. */
  readonly onEnd: (output: OutputFrom<Logic>) => void;
};

type Running<Logic extends AnyActorLogic> = {
  readonly actor: ActorRefFrom<Logic>;
  /** Null before its first one. */
  state: string | null;
  enteredAt: number;
};

export class ActorRoster<Logic extends AnyActorLogic> {
  readonly #options: RosterOptions<Logic>;
  /** Bounded by the callers of `start`. */
  readonly #running = new Map<string, Running<Logic>>();

  constructor(options: RosterOptions<Logic>) {
    this.#options = options;
  }

  /** The running actors, in the order of their start. */
  get actors(): readonly ActorRefFrom<Logic>[] {
    return [...this.#running.values()].map(({ actor }) => actor);
  }

  /** The state of each running actor, in the order of their start. */
  get states(): readonly ActorState<Logic>[] {
    const now = this.#options.clock.now();
    return [...this.#running].map(([key, { actor, enteredAt }]) => ({
      ...{ key, snapshot: snapshotOf(actor), state: stateOf(actor) },
      inStateMs: Math.round(now - enteredAt),
    }));
  }

  get(key: string): ActorRefFrom<Logic> | undefined {
    return this.#running.get(key)?.actor;
  }

  /** The actor is in the roster before it starts, so that its first events find it there. */
  start({
    key,
    label = key,
    input,
    onState,
    onEmitted,
    otherwise,
    onEnd,
  }: StartOptions<Logic>): void {
    const { logic, name, clock, inspection, onFault } = this.#options;
    let running: Running<Logic>;
    runActor(logic, {
      id: `${name}:${label}`,
      ...{ input, clock, inspection },
      onCreated: (actor) => {
        running = { actor, state: null, enteredAt: clock.now() };
        this.#running.set(key, running);
      },
      onSnapshot: ({ status }) => {
        if (status !== 'active') return; // reported when it has ended
        const state = stateOf(running.actor);
        if (state === running.state) return;
        this.#report(key, running, state, false);
        onState?.(state);
      },
      ...(onEmitted && { onEmitted }),
      settle: (ending) => {
        this.#running.delete(key);
        this.#report(key, running, stateOf(running.actor), true);
        if (ending.status === 'error') onFault(ending.error, name);
        onEnd(outputOf(ending, otherwise));
      },
    });
  }

  #report(key: string, running: Running<Logic>, state: string, isLast: boolean): void {
    const { actor, state: previous } = running;
    running.state = state;
    running.enteredAt = this.#options.clock.now();
    const { onState, hasStateListeners } = this.#options;
    if (!onState || hasStateListeners?.() === false) return;
    const snapshot = snapshotOf(actor);
    onState({ key, snapshot, state, inStateMs: 0, previous, isLast });
  }

  /** For example to ask all of them to stop. */
  sendToAll(event: EventFromLogic<Logic>): void {
    for (const actor of this.actors as readonly AnyActor[]) actor.send(event);
  }

  /** Stops all of them at once; none gets to do anything more. */
  destroy(): void {
    for (const actor of this.actors as readonly AnyActor[]) actor.stop();
  }
}

const snapshotOf = <Logic extends AnyActorLogic>(actor: ActorRefFrom<Logic>): SnapshotFrom<Logic> =>
  (actor as AnyActor).getSnapshot() as SnapshotFrom<Logic>;

const stateOf = (actor: unknown): string =>
  statePath(((actor as AnyActor).getSnapshot() as { readonly value: StateValue }).value);
