/** The parts of a machine that tests can be asked to reach: its states, its transitions and its outcomes, each with a name. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export type ChartParts = {
  /** Paths such as `rejected.tooManyPeers`, in the order of the chart; the root is not one of them. */
  readonly states: readonly string[];
  /** Such as `running on stop`, and `[1]` behind it for the second of several guarded ones. */
  readonly transitions: readonly string[];
  readonly nameOf: (transition: AnyTransitionDefinition) => string | undefined;
};

export function partsOf({ root }: AnyStateMachine): ChartParts {
  const states = statesUnder(root);
  const names = new Map<unknown, string>();
  for (const state of [root, ...states])
    for (const [event, transitions] of [
      ...state.transitions,
      ['always', state.always ?? []],
    ] as const)
      transitions.forEach((transition, index) => {
        const which = transitions.length > 1 ? `[${index}]` : '';
        names.set(transition, `${nameOfState(state)} on ${String(event)}${which}`);
      });
  return {
    states: states.map(nameOfState),
    transitions: [...names.values()],
    nameOf: (transition) => names.get(transition),
  };
}

/** Paths of all states that a snapshot is in: leaves and what is around them. */
export const activeStates = (snapshot: { readonly _nodes: readonly AnyStateNode[] }): string[] =>
  snapshot._nodes.filter(({ parent }) => parent !== undefined).map(nameOfState);

/** The path of a state and of every state around it. */
export const lineageOf = (state: AnyStateNode): string[] =>
  state.parent ? [nameOfState(state), ...lineageOf(state.parent)] : [];

function statesUnder(state: AnyStateNode): AnyStateNode[] {
  const children: AnyStateNode[] = Object.values(state.states);
  return children.flatMap((child) => [child, ...statesUnder(child)]);
}

const nameOfState = ({ path }: AnyStateNode): string => path.join('.') || '(root)';
