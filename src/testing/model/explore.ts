/**
 * Everywhere a machine can get to, breadth first, as pure transitions: no actor is started and no clock runs.
 * The answers of invoked actors, their ends and errors, and all delays are events like any other.
 * XState's own `createTestModel` refuses machines with `invoke` or `after`.
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

/** Configurations after which an exploration gives up, unless told otherwise. */
export const MAX_CONFIGURATIONS = 20_000;

export type ExploreOptions<Machine extends AnyStateMachine> = {
  /** One for each way to begin. */
  readonly inputs?: readonly InputFrom<Machine>[];
  /**
   * Samples of events that carry something, or that stand for many. A type that a state listens to and that has no
   * sample here is tried as a bare `{ type }`. A function gives the samples for a snapshot, such as replies to what it asked.
   */
  readonly events?:
    | readonly Sample<Machine>[]
    | ((snapshot: SnapshotFrom<Machine>) => readonly Sample<Machine>[]);
  /** Configurations with the same key count as one; by default everything in the context counts. */
  readonly key?: (snapshot: SnapshotFrom<Machine>) => string;
  /** Configurations, {@link MAX_CONFIGURATIONS} by default. */
  readonly limit?: number;
  /** A configuration that is not explored any further. */
  readonly isEnough?: (snapshot: SnapshotFrom<Machine>) => boolean;
};

/** An event of the machine, or one that XState makes for it, such as `xstate.done.actor.dial` with an `output`. */
export type Sample<Machine extends AnyStateMachine> =
  | EventFrom<Machine>
  | {
      readonly type: `xstate.${string}`;
      readonly output?: unknown;
      readonly error?: unknown;
    };

/** One configuration, and how it was reached first: nothing is nearer to the start. */
export type Node<Machine extends AnyStateMachine> = {
  readonly snapshot: SnapshotFrom<Machine>;
  readonly input: InputFrom<Machine> | undefined;
  /** Which of the inputs that is. */
  readonly beginning: number;
  /** Null where it begins. */
  readonly from: Edge<Machine> | null;
};

export type Edge<Machine extends AnyStateMachine> = {
  readonly source: Node<Machine>;
  readonly event: EventFrom<Machine>;
  /** What was taken on the way: the transition of the event, then those of `always` and of raised events. */
  readonly taken: readonly AnyTransitionDefinition[];
  /** Every state on the way, those that were only passed through as well. */
  readonly visited: readonly AnyMachineSnapshot[];
  readonly target: Node<Machine>;
};

export type Exploration<Machine extends AnyStateMachine> = {
  /** The first ones are those where it begins, one for each input. */
  readonly nodes: readonly Node<Machine>[];
  /** Of each node in turn. */
  readonly edges: readonly Edge<Machine>[];
  /** What the beginnings alone took and visited. */
  readonly begun: readonly Pick<Edge<Machine>, 'taken' | 'visited'>[];
  /** The limit was reached: there is more than was looked at. */
  readonly isCut: boolean;
};

/** @param onNode Hears each new configuration; true ends the exploration. */
export function explore<Machine extends AnyStateMachine>(
  machine: Machine,
  options: ExploreOptions<Machine> = {},
  onNode: (node: Node<Machine>) => boolean = () => false,
): Exploration<Machine> {
  const { limit = MAX_CONFIGURATIONS, key = keyOfSnapshot, isEnough = () => false } = options;
  const known = new Map<string, Node<Machine>>();
  const nodes: Node<Machine>[] = [];
  const steppers: Stepper<Machine>[] = [];
  const edges: Edge<Machine>[] = [];
  let isOver = false;
  const idOf = (beginning: number, snapshot: SnapshotFrom<Machine>): string =>
    `${beginning} ${key(snapshot)}`;
  const add = (node: Node<Machine>): void => {
    known.set(idOf(node.beginning, node.snapshot), node);
    nodes.push(node);
    isOver ||= onNode(node);
  };
  const begun = (options.inputs ?? [undefined]).map((input, beginning) => {
    const stepper = new Stepper(machine, input);
    steppers.push(stepper);
    const { snapshot, ...way } = stepper.begin();
    add({ snapshot, input, beginning, from: null });
    return way;
  });
  let isCut = false;
  for (let index = 0; index < nodes.length && !isOver; index += 1) {
    const source = nodes[index]!;
    if (isEnough(source.snapshot)) continue;
    for (const event of eventsOf(source.snapshot, options.events)) {
      const { input, beginning } = source;
      const { snapshot, ...way } = steppers[beginning]!.step(source.snapshot, event);
      const old = known.get(idOf(beginning, snapshot));
      const target: Mutable<Node<Machine>> = old ?? { snapshot, input, beginning, from: null };
      const edge = { source, event, ...way, target };
      edges.push(edge);
      if (old) continue;
      target.from = edge;
      if (nodes.length >= limit) isCut = true;
      else add(target);
    }
  }
  return { nodes, edges, begun, isCut };
}

/** The edges that lead to a node, from the start on. */
export function wayTo<Machine extends AnyStateMachine>(node: Node<Machine>): Edge<Machine>[] {
  const way: Edge<Machine>[] = [];
  for (let edge = node.from; edge; edge = edge.source.from) way.unshift(edge);
  return way;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function eventsOf<Machine extends AnyStateMachine>(
  snapshot: SnapshotFrom<Machine>,
  given: ExploreOptions<Machine>['events'] = [],
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
      if (fitting.length > 0) return fitting;
      return isWild || descriptor === '' ? [] : [{ type: descriptor }];
    })
    .filter((event, index, all) => all.indexOf(event) === index) as EventFrom<Machine>[];
}
