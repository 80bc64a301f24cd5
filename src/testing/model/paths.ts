/** Shortest paths through a machine that together reach every state, every transition and every outcome there is. */
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
  wayTo,
} from './explore.ts';

export type PathsOptions<Machine extends AnyStateMachine> = ExploreOptions<Machine> & {
  /** The name of how it ended, for a snapshot that is done; the final state by default. */
  readonly outcomeOf?: (snapshot: SnapshotFrom<Machine>) => string;
  /** Every name that `outcomeOf` should give at some time. */
  readonly outcomes?: readonly string[];
};

export type PathStep<Machine extends AnyStateMachine> = {
  readonly event: EventFrom<Machine>;
  /** Where the machine is after it, such as `running.resting`. */
  readonly state: string;
  readonly status: AnyMachineSnapshot['status'];
};

export type Path<Machine extends AnyStateMachine> = {
  readonly input: InputFrom<Machine> | undefined;
  /** Where it begins. */
  readonly start: string;
  readonly steps: readonly PathStep<Machine>[];
  /** What no shorter path reaches. */
  readonly reaches: readonly string[];
};

export type Reached = {
  readonly total: number;
  /** In the order of the chart. */
  readonly missing: readonly string[];
};

export type Coverage = {
  readonly machine: string;
  readonly states: Reached;
  readonly transitions: Reached;
  readonly outcomes: Reached;
  /** Configurations that were looked at, and whether there are more. */
  readonly configurations: number;
  readonly isCut: boolean;
};

export type Paths<Machine extends AnyStateMachine> = readonly Path<Machine>[] & {
  coverage(): Coverage;
};

/** Shortest first. */
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

  collect({ edges, begun }: Exploration<Machine>): Path<Machine>[] {
    for (const way of begun) this.#note(way);
    const paths: Path<Machine>[] = [];
    for (const edge of edges) {
      const reaches = this.#note(edge);
      if (reaches.length === 0) continue;
      const way = [...wayTo(edge.source), edge];
      paths.push({ ...pathFrom(way[0]!.source, way), reaches });
    }
    return paths;
  }

  coverage({ nodes, isCut }: Exploration<Machine>): Coverage {
    const { states, transitions, outcomes } = this.#reached;
    return {
      machine: this.#machine.id,
      states: missingFrom(this.#parts.states, states),
      transitions: missingFrom(this.#parts.transitions, transitions),
      outcomes: missingFrom(this.#options.outcomes ?? [...outcomes], outcomes),
      configurations: nodes.length,
      isCut,
    };
  }

  /** @returns what was not reached before. */
  #note({ taken, visited }: Pick<Edge<Machine>, 'taken' | 'visited'>): string[] {
    const { states, transitions, outcomes } = this.#reached;
    return [
      ...addNew(
        transitions,
        taken.flatMap((transition) => this.#parts.nameOf(transition) ?? []),
      ),
      ...addNew(states, [
        ...taken.flatMap(({ source }) => lineageOf(source)), // where it only passed through
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

/** @param start Where it begins when the way is empty. */
export function pathFrom<Machine extends AnyStateMachine>(
  start: Node<Machine>,
  way: readonly Edge<Machine>[],
): Path<Machine> {
  const { input, snapshot } = way[0]?.source ?? start;
  return { input, start: stateOf(snapshot), steps: way.map(stepOf), reaches: [] };
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

/** For people: one line for each machine, and what is missing below it. */
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
