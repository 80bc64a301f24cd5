/**
 * The running actors of one machine, each a root actor under a key of its own. Starts them, reports each end exactly
 * once, and stops them all. `onEnd` of the caller releases what an actor owned.
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
} from 'xstate';
import type { Inspection } from '../actors/inspection.ts';
import { outputOf, runActor } from '../actors/run-actor.ts';
import type { Clock } from '../io/process/clock.ts';

export type RosterOptions<Logic extends AnyActorLogic> = {
  readonly logic: Logic;
  /** What the log calls these actors, such as `dial-task`; ids begin with it. */
  readonly name: string;
  readonly clock: Clock;
  readonly inspection: Inspection;
  /** Reports the internal error that ended an actor. */
  readonly onFault: (error: unknown, where: string) => void;
};

export type StartOptions<Logic extends AnyActorLogic> = {
  /** Unique among the running ones. */
  readonly key: string;
  /** The end of the actor's id; the key unless given. */
  readonly label?: string;
  readonly input: InputFrom<Logic>;
  /** Called with each state the actor rests in. */
  readonly onSnapshot?: (snapshot: SnapshotFrom<Logic>) => void;
  readonly onEmitted?: (event: EmittedFrom<Logic>) => void;
  /** The output of an actor that was destroyed, or ended by an internal error. */
  readonly otherwise: OutputFrom<Logic>;
  /** Called once, when the actor is no longer in the roster. */
  readonly onEnd: (output: OutputFrom<Logic>) => void;
};

export class ActorRoster<Logic extends AnyActorLogic> {
  readonly #options: RosterOptions<Logic>;
  /** Bounded by the callers of `start`. */
  readonly #running = new Map<string, ActorRefFrom<Logic>>();

  constructor(options: RosterOptions<Logic>) {
    this.#options = options;
  }

  /** The running actors, in the order of their start. */
  get actors(): readonly ActorRefFrom<Logic>[] {
    return [...this.#running.values()];
  }

  get(key: string): ActorRefFrom<Logic> | undefined {
    return this.#running.get(key);
  }

  /** The actor is in the roster before it starts, so that its first events find it there. */
  start({
    key,
    label = key,
    input,
    onSnapshot,
    onEmitted,
    otherwise,
    onEnd,
  }: StartOptions<Logic>): void {
    const { logic, name, clock, inspection, onFault } = this.#options;
    runActor(logic, {
      id: `${name}:${label}`,
      ...{ input, clock, inspection },
      onCreated: (actor) => this.#running.set(key, actor),
      ...(onSnapshot && { onSnapshot }),
      ...(onEmitted && { onEmitted }),
      settle: (ending) => {
        this.#running.delete(key);
        if (ending.status === 'error') onFault(ending.error, name);
        onEnd(outputOf(ending, otherwise));
      },
    });
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
