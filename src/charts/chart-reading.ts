/** Derived facts of a chart model: groups of outcomes, and the states that a transition leads to. */
import {
  type ActionModel,
  type ChartModel,
  COMPUTED,
  type StateModel,
  type TransitionModel,
} from './chart-model.ts';

/** A state that a transition leads to; `via` is the raised event that leads there, null for a direct target. */
export type Destination = { readonly path: string; readonly via: string | null };

export const rootOf = ({ states }: ChartModel): StateModel => states[0]!;

export const transitionsOf = ({ states }: ChartModel): readonly TransitionModel[] =>
  states.flatMap(({ transitions }) => transitions);

/** @throws {RangeError} There is no state with this path. */
export function stateAt({ states }: ChartModel, path: string): StateModel {
  const found = states.find((state) => state.path === path);
  if (!found) throw new RangeError(`no state "${path}"`);
  return found;
}

/** From the parent up to the root. */
export function ancestorsOf(model: ChartModel, { parent }: StateModel): readonly StateModel[] {
  if (parent === null) return [];
  const state = stateAt(model, parent);
  return [state, ...ancestorsOf(model, state)];
}

/**
 * True when the children only name outcomes: atomic states without transitions and without actors.
 * A group can have more than twenty, so its children are listed, not drawn.
 */
export function isOutcomeGroup(model: ChartModel, state: StateModel): boolean {
  return (
    state.parent !== null &&
    state.type === 'compound' &&
    state.children.every((path) => {
      const { type, transitions, invokes } = stateAt(model, path);
      return type === 'atomic' && transitions.length === 0 && invokes.length === 0;
    })
  );
}

/**
 * True when the children differ only in their delay: each has one `after` transition, all to the same target.
 * They are listed, not drawn.
 */
export function isDelayGroup(model: ChartModel, { type, children }: StateModel): boolean {
  const leaving = children
    .map((path) => stateAt(model, path))
    .flatMap((child) =>
      child.type === 'atomic' && child.transitions.length === 1 ? child.transitions : [],
    );
  return (
    type === 'compound' &&
    leaving.length === children.length &&
    leaving.every(({ trigger }) => trigger.kind === 'after') &&
    new Set(leaving.map(({ targets }) => targets.join())).size === 1
  );
}

export function outcomeGroups(model: ChartModel): readonly StateModel[] {
  return model.states.filter((state) => isOutcomeGroup(model, state));
}

/** The outcome group that contains the state; null when its parent is none. */
export function groupOf(model: ChartModel, { parent }: StateModel): StateModel | null {
  if (parent === null) return null;
  const state = stateAt(model, parent);
  return isOutcomeGroup(model, state) ? state : null;
}

/** True for a state of an outcome group and for a final state with a remedy. */
export function isOutcome(model: ChartModel, state: StateModel): boolean {
  return groupOf(model, state) !== null || (state.type === 'final' && state.remedy !== '');
}

/** Final states at the top level, which end the machine. */
export function endingsOf(model: ChartModel): readonly StateModel[] {
  return model.states.filter(({ type, parent }) => type === 'final' && parent === '');
}

/** Follows raised events: the transition for the raised event is the one that changes the state. */
export function destinationsOf(
  model: ChartModel,
  transition: TransitionModel,
): readonly Destination[] {
  const { source, targets } = transition;
  if (targets.length > 0) return targets.map((path) => ({ path, via: null }));
  return raisedBy(transition).flatMap((event) =>
    handlersOf(model, stateAt(model, source), event).flatMap((handler) =>
      handler.targets.map((path) => ({ path, via: event })),
    ),
  );
}

/** Event types that the transition raises and the machine names. */
export function raisedBy({ actions }: TransitionModel): readonly string[] {
  return actions.flatMap(({ raises }) => (raises === null || raises === COMPUTED ? [] : [raises]));
}

/** Actions that raise an event which a function chooses at run time. */
export function computingActionsOf({ actions }: TransitionModel): readonly ActionModel[] {
  return actions.filter(({ raises }) => raises === COMPUTED);
}

/** Items by key, in the order of first appearance. `Map.groupBy` needs Node 21. */
export function grouped<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** As in XState, the innermost state that names the event handles it. */
function handlersOf(
  model: ChartModel,
  state: StateModel,
  event: string,
): readonly TransitionModel[] {
  for (const { transitions } of [state, ...ancestorsOf(model, state)]) {
    const own = transitions.filter(({ trigger }) => isEvent(trigger, event));
    if (own.length > 0) return own;
  }
  return [];
}

function isEvent(trigger: TransitionModel['trigger'], event: string): boolean {
  return trigger.kind === 'event' && trigger.name === event;
}
