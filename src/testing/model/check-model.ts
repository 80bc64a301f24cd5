/** Searches all reachable configurations of a machine, nearest first, for one that violates an invariant. */
import type { AnyStateMachine, SnapshotFrom } from 'xstate';

import { type ExploreOptions, explore, type Node, pathTo } from './explore.ts';
import { type Path, pathFrom } from './paths.ts';

/**
 * A rule for every reachable snapshot.
 * @returns Null when the snapshot follows the rule, otherwise a sentence about what is wrong.
 */
export type Invariant<Machine extends AnyStateMachine> = (
  snapshot: SnapshotFrom<Machine>,
) => string | null;

export type ModelCheck<Machine extends AnyStateMachine> = {
  /** Number of configurations that were checked. */
  readonly configurations: number;
  /** True when `limit` ended the search: further configurations exist and were not checked. */
  readonly isTruncated: boolean;
  /**
   * Event types of the machine for which no sample was used: they were sent as `{ type }` without data, or not at all,
   * so what their data could do was not checked. Delays need no sample. Empty when everything was tried.
   */
  readonly untried: readonly string[];
  /** The violation with the fewest events; null when there is none. */
  readonly violation: {
    /** Name of the invariant. */
    readonly invariant: string;
    /** What the invariant returned. */
    readonly sentence: string;
    /** A shortest list of events from the start to the violation; `replayLive` runs it again. */
    readonly path: Path<Machine>;
  } | null;
};

/**
 * Checks invariants in every configuration that `machine` can reach. A configuration is a state value, a status and a
 * context. The search uses pure transitions: no actor starts and no time passes.
 *
 * @param invariants Name → rule.
 * @param options Inputs, sample events and the limit of the search, `MAX_CONFIGURATIONS` by default.
 * @returns Shortest violation, or null. A null with `isTruncated`, or with types in `untried`, is no proof.
 * @throws {Error} A guard or an action threw; the message names the state and the event, `cause` is the error.
 * @throws Errors of the machine's context function.
 */
export function checkModel<Machine extends AnyStateMachine>(
  machine: Machine,
  invariants: Readonly<Record<string, Invariant<Machine>>>,
  options: ExploreOptions<Machine> = {},
): ModelCheck<Machine> {
  let found: { node: Node<Machine>; invariant: string; sentence: string } | undefined;
  const { nodes, isTruncated, untried } = explore(machine, options, (node) => {
    for (const [invariant, check] of Object.entries(invariants)) {
      const sentence = check(node.snapshot);
      if (sentence !== null) found ??= { node, invariant, sentence };
    }
    return found !== undefined;
  });
  const violation = found && {
    invariant: found.invariant,
    sentence: found.sentence,
    path: pathFrom(found.node, pathTo(found.node)),
  };
  return { configurations: nodes.length, isTruncated, untried, violation: violation ?? null };
}
