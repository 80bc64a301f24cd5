/**
 * Single steps of a machine that never runs: its parent gets no event, its children do not start, no timer is set.
 * XState's own `transition()` cannot give an input to the inert actor it makes.
 */
import {
  type ActorScope,
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyTransitionDefinition,
  createActor,
  type EventFrom,
  type EventObject,
  fromCallback,
  type InputFrom,
  type InspectionEvent,
  type SnapshotFrom,
} from 'xstate';

import { statePath } from './state-path.ts';

export type PureStep<Machine extends AnyStateMachine> = {
  readonly snapshot: SnapshotFrom<Machine>;
  /** The transitions taken: that of the event, then those of `always` and of raised events. */
  readonly taken: readonly AnyTransitionDefinition[];
  /** Every state reached, including transient ones. */
  readonly visited: readonly AnyMachineSnapshot[];
};

export class Stepper<Machine extends AnyStateMachine> {
  readonly #machine: Machine;
  readonly #input: InputFrom<Machine> | undefined;
  readonly #scope: AnyActorScope;
  #taken: AnyTransitionDefinition[] = [];
  #visited: AnyMachineSnapshot[] = [];

  constructor(machine: Machine, input: InputFrom<Machine> | undefined) {
    this.#machine = machine;
    this.#input = input;
    const parent = createActor(fromCallback(() => {}));
    const self = createActor<AnyStateMachine>(machine, { input, parent });
    const { system } = self;
    system.inspect((inspected: InspectionEvent) => {
      if (inspected.type !== '@xstate.microstep' || inspected.actorRef !== self) return;
      this.#taken.push(...inspected._transitions);
      this.#visited.push(inspected.snapshot as AnyMachineSnapshot);
    });
    this.#scope = {
      self,
      id: self.id,
      sessionId: self.sessionId,
      system,
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: () => {},
    } satisfies ActorScope<AnyMachineSnapshot, EventObject>;
  }

  begin(): PureStep<Machine> {
    return this.#recorded(() => this.#machine.getInitialSnapshot(this.#scope, this.#input));
  }

  step(snapshot: SnapshotFrom<Machine>, event: EventFrom<Machine>): PureStep<Machine> {
    try {
      return this.#recorded(() =>
        this.#machine.transition(snapshot as AnyMachineSnapshot, event, this.#scope),
      );
    } catch (error) {
      const state = statePath((snapshot as AnyMachineSnapshot).value);
      throw new Error(
        `the machine ${this.#machine.id} threw in the state ${state} on the event ${(event as EventObject).type}; if the event needs data, add a sample event`,
        { cause: error },
      );
    }
  }

  #recorded(make: () => AnyMachineSnapshot): PureStep<Machine> {
    this.#taken = [];
    this.#visited = [];
    const snapshot = make() as SnapshotFrom<Machine>;
    return {
      snapshot,
      taken: this.#taken,
      visited: [...this.#visited, snapshot as AnyMachineSnapshot],
    };
  }
}
