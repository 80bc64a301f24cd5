/** Shortest paths through a machine that together reach every reachable state, transition and outcome. */
import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFrom,
  InputFrom,
  SnapshotFrom,
} from 'xstate';

import { statePath } from '../../actors/state-path.ts';
import { activeStates, type ChartParts, lineageOf, partsOf } from './chart-parts.ts';
import {
  type Edge,
  type Exploration,
  type ExploreOptions,
  explore,
  type Node,
  pathTo,
} from './explore.ts';

export type PathsOptions<Machine extends AnyStateMachine> = ExploreOptions<Machine> & {
  /** Name of the outcome of a snapshot with status `done`. Default: the path of its final state. */
  readonly outcomeOf?: (snapshot: SnapshotFrom<Machine>) => string;
  /** Names that `outcomeOf` is expected to return; coverage reports those that were not reached. */
  readonly outcomes?: readonly string[];
};

export type PathStep<Machine extends AnyStateMachine> = {
  readonly event: EventFrom<Machine>;
  /** State path after the event, such as `running.resting`. */
  readonly state: string;
  readonly status: AnyMachineSnapshot['status'];
};

export type Path<Machine extends AnyStateMachine> = {
  readonly input: InputFrom<Machine> | undefined;
  /** State path before the first event. */
  readonly start: string;
  readonly steps: readonly PathStep<Machine>[];
  /** States, transitions and outcomes that no earlier path reaches. */
  readonly reaches: readonly string[];
};

export type Reached = {
  readonly total: number;
  /** Names that were not reached, in the order of declaration. */
  readonly missing: readonly string[];
};

export type Coverage = {
  readonly machine: string;
  readonly states: Reached;
  readonly transitions: Reached;
  readonly outcomes: Reached;
  /** Number of configurations that were explored. */
  readonly configurations: number;
  /** True when the limit ended the exploration. */
  readonly isTruncated: boolean;
};

export type Paths<Machine extends AnyStateMachine> = readonly Path<Machine>[] & {
  coverage(): Coverage;
};

/**
 * Explores `machine` and returns paths, shortest first, each of which reaches something that no earlier one does.
 * @param events Sample events, see {@link ExploreOptions}.
 * @returns The paths, with `coverage()` for states, transitions and outcomes.
 * @throws {Error} A guard or an action threw; the message names the state and the event, `cause` is the error.
 * @throws Errors of the machine's context function.
 */
export function pathsOf<Machine extends AnyStateMachine>(
  machine: Machine,
  events: ExploreOptions<Machine>['events'],
  options: Omit<PathsOptions<Machine>, 'events'> = {},
): Paths<Machine> {
  const all = { ...options, ...(events && { events }) } as PathsOptions<Machine>;
  const exploration = explore(machine, all);
  const collector = new Collector(machine, all);
  const paths = collector.collect(exploration);
  return Object.assign(paths, { coverage: () => collector.coverage(exploration) });
}

class Collector<Machine extends AnyStateMachine> {
  readonly #machine: Machine;
  readonly #options: PathsOptions<Machine>;
  readonly #parts: ChartParts;
  readonly #reached = {
    states: new Set<string>(),
    transitions: new Set<string>(),
    outcomes: new Set<string>(),
  };

  constructor(machine: Machine, options: PathsOptions<Machine>) {
    this.#machine = machine;
    this.#options = options;
    this.#parts = partsOf(machine);
  }

  collect({ edges, starts }: Exploration<Machine>): Path<Machine>[] {
    for (const start of starts) this.#record(start);
    const paths: Path<Machine>[] = [];
    for (const edge of edges) {
      const reaches = this.#record(edge);
      if (reaches.length === 0) continue;
      const path = [...pathTo(edge.source), edge];
      paths.push({ ...pathFrom(path[0]!.source, path), reaches });
    }
    return paths;
  }

  coverage({ nodes, isTruncated }: Exploration<Machine>): Coverage {
    const { states, transitions, outcomes } = this.#reached;
    return {
      machine: this.#machine.id,
      states: missingFrom(this.#parts.states, states),
      transitions: missingFrom(this.#parts.transitions, transitions),
      outcomes: missingFrom(this.#options.outcomes ?? [...outcomes], outcomes),
      configurations: nodes.length,
      isTruncated,
    };
  }

  /** @returns Names that were not reached before. */
  #record({ taken, visited }: Pick<Edge<Machine>, 'taken' | 'visited'>): string[] {
    const { states, transitions, outcomes } = this.#reached;
    return [
      ...addNew(
        transitions,
        taken.flatMap((transition) => this.#parts.nameOf(transition) ?? []),
      ),
      ...addNew(states, [
        ...taken.flatMap(({ source }) => lineageOf(source)), // states that were left again in the same step
        ...visited.flatMap(activeStates),
      ]),
      ...addNew(
        outcomes,
        visited
          .filter(({ status }) => status === 'done')
          .map((snapshot) => {
            const { outcomeOf = stateOf } = this.#options;
            return outcomeOf(snapshot as SnapshotFrom<Machine>);
          }),
      ),
    ];
  }
}

/** @param start First node; used when `edges` is empty. */
export function pathFrom<Machine extends AnyStateMachine>(
  start: Node<Machine>,
  edges: readonly Edge<Machine>[],
): Path<Machine> {
  const { input, snapshot } = edges[0]?.source ?? start;
  return { input, start: stateOf(snapshot), steps: edges.map(stepOf), reaches: [] };
}

const stateOf = (snapshot: unknown): string => statePath((snapshot as AnyMachineSnapshot).value);

function stepOf<Machine extends AnyStateMachine>({
  event,
  target,
}: Edge<Machine>): PathStep<Machine> {
  const { status } = target.snapshot as AnyMachineSnapshot;
  return { event, state: stateOf(target.snapshot), status };
}

function addNew(known: Set<string>, names: readonly string[]): string[] {
  const fresh = [...new Set(names)].filter((name) => !known.has(name));
  for (const name of fresh) known.add(name);
  return fresh;
}

const missingFrom = (wanted: readonly string[], reached: ReadonlySet<string>): Reached => ({
  total: wanted.length,
  missing: wanted.filter((name) => !reached.has(name)),
});

/** A text table: one line for each machine, and below it a line for each part that was not reached. */
export function coverageTable(coverages: readonly Coverage[]): string {
  const share = ({ total, missing }: Reached): string =>
    `${total - missing.length}/${total}`.padStart(9);
  const lines = coverages.flatMap(({ machine, states, transitions, outcomes, configurations }) => [
    `${machine.padEnd(18)}${share(states)}${share(transitions)}${share(outcomes)}${String(configurations).padStart(9)}`,
    ...[states, transitions, outcomes].flatMap(({ missing }) =>
      missing.map((name) => `  not reached: ${name}`),
    ),
  ]);
  return ['machine             states    trans. outcomes  config.', ...lines].join('\n');
}
