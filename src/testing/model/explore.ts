/**
 * All configurations that a machine can reach, breadth first, by pure transitions: no actor starts and no time passes.
 * Events, results and errors of invoked actors and all delays are tried as events.
 * XState's own `createTestModel` rejects machines with `invoke` or `after`.
 */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyTransitionDefinition,
  type EventFrom,
  type EventObject,
  getNextTransitions,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';

import { Stepper } from '../../actors/pure-stepper.ts';
import { keyOfSnapshot } from './snapshot-key.ts';

/** Default of {@link ExploreOptions.limit}. */
export const MAX_CONFIGURATIONS = 20_000;

export type ExploreOptions<Machine extends AnyStateMachine> = {
  /** Inputs to start from; the default is one start without input. */
  readonly inputs?: readonly InputFrom<Machine>[];
  /**
   * Sample events. An event type that a state handles and that has no sample here is tried as `{ type }` without data.
   * A function returns the samples for a snapshot, for example answers to its last request.
   */
  readonly events?:
    | readonly Sample<Machine>[]
    | ((snapshot: SnapshotFrom<Machine>) => readonly Sample<Machine>[]);
  /** Snapshots with the same key are one configuration. Default: state value, status and the whole context. */
  readonly key?: (snapshot: SnapshotFrom<Machine>) => string;
  /** Most configurations, {@link MAX_CONFIGURATIONS} by default. */
  readonly limit?: number;
  /** True for snapshots from which the search does not continue. Default: none. */
  readonly stopAt?: (snapshot: SnapshotFrom<Machine>) => boolean;
};

/** An event of the machine, or one that XState creates, such as `xstate.done.actor.dial` with an `output`. */
export type Sample<Machine extends AnyStateMachine> =
  | EventFrom<Machine>
  | {
      readonly type: `xstate.${string}`;
      readonly output?: unknown;
      readonly error?: unknown;
    };

/** One configuration with the last edge of a shortest path to it. */
export type Node<Machine extends AnyStateMachine> = {
  readonly snapshot: SnapshotFrom<Machine>;
  readonly input: InputFrom<Machine> | undefined;
  /** Index of `input` in `inputs`. */
  readonly inputIndex: number;
  /** Null at the start. */
  readonly from: Edge<Machine> | null;
};

export type Edge<Machine extends AnyStateMachine> = {
  readonly source: Node<Machine>;
  readonly event: EventFrom<Machine>;
  /** Transitions that were taken: that of the event, then those of `always` and of raised events. */
  readonly taken: readonly AnyTransitionDefinition[];
  /** Every snapshot of the step, intermediate ones included. */
  readonly visited: readonly AnyMachineSnapshot[];
  readonly target: Node<Machine>;
};

export type Exploration<Machine extends AnyStateMachine> = {
  /** The first ones are the starts, one for each input. */
  readonly nodes: readonly Node<Machine>[];
  /** Grouped by source, in the order of `nodes`. */
  readonly edges: readonly Edge<Machine>[];
  /** Transitions and snapshots of each start, before any event. */
  readonly starts: readonly Pick<Edge<Machine>, 'taken' | 'visited'>[];
  /** True when the limit was reached: further configurations exist. */
  readonly isTruncated: boolean;
  /** Event types of the machine that were sent without a sample, or not at all; delays need none. Sorted. */
  readonly untried: readonly string[];
};

/**
 * Explores the configurations of `machine`.
 * @param onNode Called with each new configuration; true ends the search.
 * @throws {Error} A guard or an action threw; the message names the state and the event, `cause` is the error.
 * @throws Errors of the machine's context function.
 */
export function explore<Machine extends AnyStateMachine>(
  machine: Machine,
  options: ExploreOptions<Machine> = {},
  onNode: (node: Node<Machine>) => boolean = () => false,
): Exploration<Machine> {
  const {
    limit = MAX_CONFIGURATIONS,
    key = keyOfSnapshot,
    stopAt: isEnough = () => false,
  } = options;
  const known = new Map<string, Node<Machine>>();
  const nodes: Node<Machine>[] = [];
  const steppers: Stepper<Machine>[] = [];
  const edges: Edge<Machine>[] = [];
  const sampled = new Set<string>();
  let isEnded = false;
  const idOf = (inputIndex: number, snapshot: SnapshotFrom<Machine>): string =>
    `${inputIndex} ${key(snapshot)}`;
  const add = (node: Node<Machine>): void => {
    known.set(idOf(node.inputIndex, node.snapshot), node);
    nodes.push(node);
    isEnded ||= onNode(node);
  };
  const starts = (options.inputs ?? [undefined]).map((input, inputIndex) => {
    const stepper = new Stepper(machine, input);
    steppers.push(stepper);
    const { snapshot, ...step } = stepper.begin();
    add({ snapshot, input, inputIndex, from: null });
    return step;
  });
  let isTruncated = false;
  for (let index = 0; index < nodes.length && !isEnded; index += 1) {
    const source = nodes[index]!;
    if (isEnough(source.snapshot)) continue;
    for (const event of eventsOf(source.snapshot, options.events, sampled)) {
      const { input, inputIndex } = source;
      const { snapshot, ...step } = steppers[inputIndex]!.step(source.snapshot, event);
      const old = known.get(idOf(inputIndex, snapshot));
      const target: Mutable<Node<Machine>> = old ?? { snapshot, input, inputIndex, from: null };
      const edge = { source, event, ...step, target };
      edges.push(edge);
      if (old) continue;
      target.from = edge;
      if (nodes.length >= limit) isTruncated = true;
      else add(target);
    }
  }
  const untried = (machine.events as readonly string[])
    .filter((type) => !sampled.has(type) && !type.startsWith('xstate.after.'))
    .sort();
  return { nodes, edges, starts, isTruncated, untried };
}

/** The edges of a shortest path from the start to `node`. Empty for a start. */
export function pathTo<Machine extends AnyStateMachine>(node: Node<Machine>): Edge<Machine>[] {
  const path: Edge<Machine>[] = [];
  for (let edge = node.from; edge; edge = edge.source.from) path.unshift(edge);
  return path;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** @param sampled Gets the event descriptors for which there was a sample. */
function eventsOf<Machine extends AnyStateMachine>(
  snapshot: SnapshotFrom<Machine>,
  given: ExploreOptions<Machine>['events'] = [],
  sampled: Set<string>,
): readonly EventFrom<Machine>[] {
  if ((snapshot as AnyMachineSnapshot).status !== 'active') return [];
  const samples: readonly EventObject[] = typeof given === 'function' ? given(snapshot) : given;
  const descriptors = new Set(
    getNextTransitions(snapshot as AnyMachineSnapshot).map(({ eventType }) => eventType),
  );
  return [...descriptors]
    .flatMap((descriptor) => {
      const isWild = descriptor.endsWith('*');
      const fitting = samples.filter(({ type }) =>
        isWild ? type.startsWith(descriptor.slice(0, -1)) : type === descriptor,
      );
      if (fitting.length > 0) {
        sampled.add(descriptor);
        return fitting;
      }
      return isWild || descriptor === '' ? [] : [{ type: descriptor }];
    })
    .filter((event, index, all) => all.indexOf(event) === index) as EventFrom<Machine>[];
}
