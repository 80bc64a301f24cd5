/** Names for the states and transitions of a machine, for coverage reports. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export type ChartParts = {
  /** Paths such as `rejected.tooManyPeers`, in the order of declaration, without the root. */
  readonly states: readonly string[];
  /** Such as `running on stop`, with `[1]` appended for the second of several guarded ones. */
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
        const suffix = transitions.length > 1 ? `[${index}]` : '';
        names.set(transition, `${nameOfState(state)} on ${String(event)}${suffix}`);
      });
  return {
    states: states.map(nameOfState),
    transitions: [...names.values()],
    nameOf: (transition) => names.get(transition),
  };
}

/** Paths of all active states: leaves and the states around them. */
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
