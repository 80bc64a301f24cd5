/** What a chart model says beyond its single lines: groups of outcomes, and where a transition ends up. */
import { type ChartModel, COMPUTED, type StateModel, type TransitionModel } from './chart-model.ts';

/** Where a transition ends up, and the event it raises to get there, if it raises one. */
export type Destination = { readonly path: string; readonly via: string | null };

export const rootOf = ({ states }: ChartModel): StateModel => states[0]!;

export const transitionsOf = ({ states }: ChartModel): readonly TransitionModel[] =>
  states.flatMap(({ transitions }) => transitions);

export function stateAt({ states }: ChartModel, path: string): StateModel {
  const found = states.find((state) => state.path === path);
  if (!found) throw new RangeError(`no state "${path}"`);
  return found;
}

/** From its parent up to the root. */
export function ancestorsOf(model: ChartModel, { parent }: StateModel): readonly StateModel[] {
  if (parent === null) return [];
  const state = stateAt(model, parent);
  return [state, ...ancestorsOf(model, state)];
}

/**
 * Whether its children only say how something ended: nothing happens inside any of them.
 * There may be tens of them, so they are listed, not drawn.
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
 * Whether its children differ in nothing but how long they last before they go to one and the same place.
 * They are listed as well.
 */
export function isWaitingRoom(model: ChartModel, { type, children }: StateModel): boolean {
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

/** The group a state is an outcome of. */
export function groupOf(model: ChartModel, { parent }: StateModel): StateModel | null {
  if (parent === null) return null;
  const state = stateAt(model, parent);
  return isOutcomeGroup(model, state) ? state : null;
}

/** Whether it only says how something ended that went wrong. */
export function isOutcome(model: ChartModel, state: StateModel): boolean {
  return groupOf(model, state) !== null || (state.type === 'final' && state.remedy !== '');
}

/** Finals at the top: the machine ends in each of them. */
export function endingsOf(model: ChartModel): readonly StateModel[] {
  return model.states.filter(({ type, parent }) => type === 'final' && parent === '');
}

/** Follows raised events, since the transition of the raised event is the one that moves. */
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

/** Events that the machine names itself. */
export function raisedBy({ actions }: TransitionModel): readonly string[] {
  return actions.flatMap(({ raises }) => (raises === null || raises === COMPUTED ? [] : [raises]));
}

/** Actions of which only a pure function knows what they raise. */
export function decidersOf({ actions }: TransitionModel): readonly string[] {
  return actions.filter(({ raises }) => raises === COMPUTED).map(({ name }) => name);
}

/** By key, in the order of first appearance. `Map.groupBy` needs Node 21. */
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

/** As XState looks: the innermost state that names the event has it. */
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
