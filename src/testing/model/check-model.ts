/** Looks for a configuration that must not exist, nearest first, and says how to get there. */
import type { AnyStateMachine, SnapshotFrom } from 'xstate';

import { type ExploreOptions, explore, type Node, wayTo } from './explore.ts';
import { type Path, pathFrom } from './paths.ts';

/** Null when all is well, else a sentence about what is wrong. */
export type Invariant<Machine extends AnyStateMachine> = (
  snapshot: SnapshotFrom<Machine>,
) => string | null;

export type ModelCheck<Machine extends AnyStateMachine> = {
  /** Configurations that were looked at, and whether there are more. */
  readonly configurations: number;
  readonly isCut: boolean;
  /** The nearest one; null when there is none. */
  readonly violation: {
    readonly invariant: string;
    readonly sentence: string;
    /** No shorter list of events leads to a violation. */
    readonly path: Path<Machine>;
  } | null;
};

export function checkModel<Machine extends AnyStateMachine>(
  machine: Machine,
  invariants: Readonly<Record<string, Invariant<Machine>>>,
  options: ExploreOptions<Machine> = {},
): ModelCheck<Machine> {
  let found: { node: Node<Machine>; invariant: string; sentence: string } | undefined;
  const { nodes, isCut } = explore(machine, options, (node) => {
    for (const [invariant, judge] of Object.entries(invariants)) {
      const sentence = judge(node.snapshot);
      if (sentence !== null) found ??= { node, invariant, sentence };
    }
    return found !== undefined;
  });
  const violation = found && {
    invariant: found.invariant,
    sentence: found.sentence,
    path: pathFrom(found.node, wayTo(found.node)),
  };
  return { configurations: nodes.length, isCut, violation: violation ?? null };
}
