/**
 * Runs one machine on a manual clock, and records its states and its reports.
 * An event that no state handles fails the test, and so does an unexpected error.
 */
import { expect, onTestFinished } from 'vitest';
import {
  type Actor,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFrom,
  type EventObject,
  fromCallback,
  type InputFrom,
  type InspectionEvent,
  type OutputFrom,
} from 'xstate';

import { statePath } from '../../src/actors/state-path.ts';
import { StepClock } from './step-clock.ts';

export type Run<Machine extends AnyStateMachine> = {
  readonly actor: Actor<Machine>;
  readonly clock: StepClock;
  /** In order, from the first one on. */
  readonly emitted: readonly EmittedFrom<Machine>[];
  /** Events sent to the parent. None when the machine is a root. */
  readonly reports: readonly EventObject[];
  /** Every state it was in, in order, transient ones included. */
  readonly trail: readonly string[];
  send(...events: readonly EventFrom<Machine>[]): void;
  /** Its state, such as `rejected.tooManyPeers`. */
  state(): string;
  isOver(): boolean;
  output(): OutputFrom<Machine> | undefined;
};

/**
 * Starts `machine` as a root actor.
 * @param onEmitted Called with each event when it is emitted.
 */
export function runMachine<Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
  onEmitted?: (event: EmittedFrom<Machine>) => void,
): Run<Machine> {
  const clock = new StepClock();
  const watch = new Watch();
  const actor = createActor<AnyStateMachine>(machine, { input, clock, inspect: watch.inspect });
  if (onEmitted) actor.on('*', onEmitted);
  return start(machine, { actor, clock, watch, reports: [] });
}

/** Starts `machine` as a child of an actor that records its reports. */
export function runChild<Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
): Run<Machine> {
  const clock = new StepClock();
  const watch = new Watch();
  const reports: EventObject[] = [];
  const recorder = fromCallback<EventObject>(({ receive }) =>
    receive((event) => {
      if (event.type.startsWith('xstate.error.')) watch.problems.push(event.type);
      else if (!event.type.startsWith('xstate.done.')) reports.push(event);
    }),
  );
  const parent = createActor(recorder, { clock, inspect: watch.inspect }).start();
  const actor = createActor<AnyStateMachine>(machine, { input, parent });
  return start(machine, { actor, clock, watch, reports });
}

type Started = Pick<Run<AnyStateMachine>, 'clock' | 'reports'> & {
  readonly actor: Actor<AnyStateMachine>;
  readonly watch: Watch;
};

function start<Machine extends AnyStateMachine>(
  _machine: Machine,
  { actor, clock, watch, reports }: Started,
): Run<Machine> {
  const emitted: EmittedFrom<Machine>[] = [];
  actor.on('*', (event) => emitted.push(event));
  actor.subscribe({ error: (error) => watch.problems.push(`error: ${error}`) });
  onTestFinished(() => expect(watch.problems).toEqual([]));
  actor.start();
  return {
    actor: actor as unknown as Actor<Machine>,
    clock,
    emitted,
    reports,
    trail: watch.trailOf(actor),
    send: (...events) => {
      for (const event of events) actor.send(event);
    },
    state: () => statePath(actor.getSnapshot().value),
    isOver: () => actor.getSnapshot().status !== 'active',
    output: () => actor.getSnapshot().output,
  };
}

/** XState's own events, which a machine may leave alone. */
const EXEMPT = /^xstate\.(init|stop|done\.(actor|state)\..*)$/;

class Watch {
  readonly problems: string[] = [];
  readonly #trails = new Map<unknown, string[]>();

  trailOf(actor: unknown): string[] {
    const trail = this.#trails.get(actor) ?? [];
    this.#trails.set(actor, trail);
    return trail;
  }

  /** Only records: an inspector that throws would break what it looks at. */
  readonly inspect = (inspected: InspectionEvent): void => {
    if (inspected.type === '@xstate.snapshot')
      this.#visit(inspected.actorRef, pathOf(inspected.snapshot));
    if (inspected.type !== '@xstate.microstep') return;
    const { actorRef, event, snapshot, _transitions: transitions } = inspected;
    if (transitions.length === 0 && !EXEMPT.test(event.type))
      this.problems.push(
        `${(actorRef as AnyActorRef).id}: ${event.type} is unhandled in ${pathOf(snapshot)}`,
      );
    const source = transitions[0]?.source.path.join('.');
    if (this.trailOf(actorRef).length === 0 && source) this.#visit(actorRef, source);
    this.#visit(actorRef, pathOf(snapshot));
  };

  #visit(actor: unknown, state: string): void {
    const trail = this.trailOf(actor);
    if (state !== '' && state !== trail.at(-1)) trail.push(state);
  }
}

/** Empty for actors that are no machines. */
function pathOf(snapshot: unknown): string {
  const { value } = snapshot as Partial<AnyMachineSnapshot>;
  return value === undefined ? '' : statePath(value);
}
