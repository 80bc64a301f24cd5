/** Walks a path again: through the pure machine, through a live actor, or through anything that can be driven. */
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

/** The first step after which something is not where the path says. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  /** Steps that went well before it. */
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/** Something outside that goes through the same states, such as a server that is talked to over the wire. */
export type Driver<Machine extends AnyStateMachine> = {
  /** Makes an event of the path happen; resolves when it has. */
  readonly cause: (event: EventFrom<Machine>) => Promise<void> | void;
  /** Where it is now, such as `running.resting`. */
  readonly state: () => string;
};

/** @throws {ReplayError} */
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
 * Invoked and spawned actors are fakes that do nothing: what they would say is in the path, and so are delays.
 * @throws {ReplayError} @throws Whatever the machine throws.
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
    clock: STILL,
  });
  let broken: unknown;
  actor.subscribe({ error: (error) => (broken = error) });
  actor.start();
  const now = (): string => statePath(actor.getSnapshot().value);
  compare(path, -1, now());
  path.steps.forEach(({ event }, index) => {
    actor.send(event);
    if (broken !== undefined) throw broken;
    compare(path, index, now());
  });
}

/** @throws {ReplayError} @throws Whatever the driver throws. */
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

/** Time stands still: a delay of a path is an event of its own. */
const STILL = { setTimeout: () => 0, clearTimeout: () => {} };

function compare<Machine extends AnyStateMachine>(
  { start, steps }: Path<Machine>,
  index: number,
  state: string,
): void {
  const expected = steps[index]?.state ?? start;
  if (state === expected) return;
  const event = steps[index]?.event as { readonly type: string } | undefined;
  const when = event ? `after step ${index + 1}, ${event.type}` : 'at the start';
  throw new ReplayError(index, `${when}: expected ${expected}, is ${state}`);
}
