/** Runs the events of a path again and compares the states: in the pure machine, in a live actor or in a driven system. */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventFrom,
  fromCallback,
} from 'xstate';
import { Stepper } from '../../actors/pure-stepper.ts';
import { statePath } from '../../actors/state-path.ts';
import type { Path } from './paths.ts';

/** The state after a step differs from the path. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  /** Index of the step, from 0; −1 for the start. */
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/** A system that goes through the states of the machine, such as a server driven over the wire. */
export type Driver<Machine extends AnyStateMachine> = {
  /** Triggers an event of the path; resolves when the system has processed it. */
  readonly cause: (event: EventFrom<Machine>) => Promise<void> | void;
  /** Path of its current state, such as `running.resting`. */
  readonly state: () => string;
};

/** Replays `path` as pure transitions. @throws {ReplayError} A state differs from the path. */
export function replayPure<Machine extends AnyStateMachine>(
  machine: Machine,
  path: Path<Machine>,
): void {
  const stepper = new Stepper(machine, path.input);
  let { snapshot } = stepper.begin();
  const now = (): string => statePath((snapshot as AnyMachineSnapshot).value);
  compare(path, -1, now());
  path.steps.forEach(({ event }, index) => {
    ({ snapshot } = stepper.step(snapshot, event));
    compare(path, index, now());
  });
}

/**
 * Replays `path` in a live actor. Its invoked and spawned actors do nothing and its clock stands still: their events and
 * the delays are in the path.
 * @throws {ReplayError} A state differs from the path. @throws Errors of the machine.
 */
export function replayLive<Machine extends AnyStateMachine>(
  machine: Machine,
  path: Path<Machine>,
): void {
  const idle = fromCallback(() => {});
  const names = Object.keys(machine.implementations.actors);
  const fakes = Object.fromEntries(names.map((name) => [name, idle]));
  const parent = createActor(idle);
  const actor = createActor<AnyStateMachine>(machine.provide({ actors: fakes } as never), {
    input: path.input,
    parent,
    clock: STOPPED_CLOCK,
  });
  let failure: unknown;
  actor.subscribe({ error: (error) => (failure = error) });
  actor.start();
  const now = (): string => statePath(actor.getSnapshot().value);
  compare(path, -1, now());
  path.steps.forEach(({ event }, index) => {
    actor.send(event);
    if (failure !== undefined) throw failure;
    compare(path, index, now());
  });
}

/** Replays `path` in a driven system. @throws {ReplayError} A state differs from the path. @throws Errors of the driver. */
export async function replayOver<Machine extends AnyStateMachine>(
  path: Path<Machine>,
  { cause, state }: Driver<Machine>,
): Promise<void> {
  compare(path, -1, state());
  for (const [index, { event }] of path.steps.entries()) {
    await cause(event);
    compare(path, index, state());
  }
}

/** A clock that never fires: the delays of a path are events. */
const STOPPED_CLOCK = { setTimeout: () => 0, clearTimeout: () => {} };

function compare<Machine extends AnyStateMachine>(
  { start, steps }: Path<Machine>,
  index: number,
  state: string,
): void {
  const expected = steps[index]?.state ?? start;
  if (state === expected) return;
  const event = steps[index]?.event as { readonly type: string } | undefined;
  const when = event ? `after step ${index + 1}, ${event.type}` : 'at the start';
  throw new ReplayError(index, `${when}: expected the state ${expected}, got ${state}`);
}
