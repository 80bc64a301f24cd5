/**
 * What a picture shows of a chart model, without positions.
 * Outcomes are red rows inside the state that leads to them, because thirty long arrows could not be read. A transition
 * between a box and one inside it is a row as well, because an arrow would go from a box into itself.
 */
import type { ChartModel, StateModel, TransitionModel } from './chart-model.ts';
import {
  ancestorsOf,
  destinationsOf,
  grouped,
  isDelayGroup,
  isOutcome,
  isOutcomeGroup,
  rootOf,
  stateAt,
  transitionsOf,
} from './chart-reading.ts';
import { conditionWords, shortDuration, triggerKey } from './chart-words.ts';
import { wireCode } from './reason-table.ts';

/** From this many outcomes of one family on, a box shows one row, `13 reject events`. Our choice. */
const MIN_FAMILY = 4;

/** Path of the box for transitions of the root, which apply in any state. */
export const ANYWHERE = '';

export type Sketch = {
  readonly id: string;
  /** Parents before their children. */
  readonly boxes: readonly SketchBox[];
  readonly arrows: readonly SketchArrow[];
  /** Path of the initial state; null when the root is parallel. */
  readonly initial: string | null;
};

export type SketchBox = {
  /** Path of the state, or `ANYWHERE`. */
  readonly path: string;
  /** Null at the top level. */
  readonly parent: string | null;
  readonly title: string;
  readonly kind: 'state' | 'region' | 'final' | 'outcomes' | 'anywhere';
  readonly description: string;
  /** Small lines under the title. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
  /** Path of the initial box inside; null when none needs to be shown. */
  readonly initial: string | null;
};

export type Row = {
  /**
   * `outcome` and `move` are transitions, to an outcome and to another state. `listed` is an outcome in the box of its
   * group, `waiting` a state of a delay group.
   */
  readonly kind: 'outcome' | 'listed' | 'waiting' | 'move';
  readonly title: string;
  readonly lines: readonly Line[];
};

export type SketchArrow = {
  readonly from: string;
  readonly to: string;
  readonly lines: readonly Line[];
};

/** One line of text about one or more transitions. */
export type Line = { readonly text: string; readonly transitions: readonly TransitionKey[] };

/** A transition as the recorder identifies it. */
type TransitionKey = {
  readonly source: string;
  /** The event type, or `after <delay>`, `always`, `done <name>`, `error <name>`. */
  readonly event: string;
  /** The full path, also of an outcome without a box. */
  readonly target: string;
};

export function sketch(model: ChartModel): Sketch {
  const moves = transitionsOf(model).flatMap((transition) => movesOf(model, transition));
  const root = rootOf(model);
  const anywhere = boxOf(model, root, moves);
  return {
    id: model.id,
    boxes: [
      ...(anywhere.rows.length > 0 ? [anywhere] : []),
      ...model.states
        .filter((state) => state.parent !== null && isDrawn(model, state))
        .map((state) => boxOf(model, state, moves)),
    ],
    arrows: arrowsOf(moves.filter(({ isArrow }) => isArrow)),
    initial: root.initial,
  };
}

/** A transition with one of its targets. */
type Move = {
  /** Path of the box it starts at. */
  readonly from: string;
  readonly target: StateModel;
  /** Path of the box it ends at. */
  readonly to: string;
  /** True when neither of the two boxes contains the other. */
  readonly isArrow: boolean;
  readonly isOutcome: boolean;
  readonly text: string;
  readonly transition: TransitionKey;
};

function movesOf(model: ChartModel, transition: TransitionModel): readonly Move[] {
  const { source, trigger } = transition;
  const from = boxAt(model, stateAt(model, source));
  const isInDelayGroup = from.path !== source;
  return destinationsOf(model, transition).map(({ path }) => {
    const target = stateAt(model, path);
    const to = boxAt(model, target);
    const isNested =
      [from, ...ancestorsOf(model, from)].includes(to) || ancestorsOf(model, to).includes(from);
    const isEnd = isOutcome(model, target);
    const hasOutcomeName = trigger.kind === 'after' && trigger.delay === target.key && isEnd;
    const text = hasOutcomeName ? `after ${shortDuration(trigger.ms)}` : conditionWords(transition);
    return {
      from: from.path,
      target,
      to: to.path,
      isArrow: !isNested && !isEnd,
      isOutcome: isEnd,
      text: isInDelayGroup ? 'after the delay' : text,
      transition: { source, event: triggerKey(trigger), target: path },
    };
  });
}

/** Outcomes and the states of a delay group are rows, not boxes. */
function isDrawn(model: ChartModel, state: StateModel): boolean {
  return !isOutcome(model, state) && boxAt(model, state) === state;
}

/** The state itself, or the delay group that contains it. */
function boxAt(model: ChartModel, state: StateModel): StateModel {
  const [parent] = ancestorsOf(model, state);
  return parent && parent.parent !== null && isDelayGroup(model, parent) ? parent : state;
}

function boxOf(model: ChartModel, state: StateModel, moves: readonly Move[]): SketchBox {
  const isRoot = state.parent === null;
  const rows = rowsOf(moves.filter(({ from, isArrow }) => from === state.path && !isArrow));
  const inside = state.children.map((path) => stateAt(model, path));
  return {
    path: state.path,
    parent: state.parent === '' ? null : state.parent,
    title: isRoot ? 'any state' : state.key,
    kind: kindOf(model, state),
    description: state.description,
    notes: isRoot || state.invokes.length === 0 ? [] : [`runs ${state.invokes.join(', ')}`],
    rows: isRoot
      ? rows
      : [
          ...rows,
          ...inside
            .filter((child) => !isDrawn(model, child))
            .map((child) =>
              isOutcome(model, child) ? listed(model, state, child) : waiting(child),
            ),
        ],
    initial: isRoot ? null : initialInside(model, state, moves),
  };
}

function kindOf(model: ChartModel, state: StateModel): SketchBox['kind'] {
  if (state.parent === null) return 'anywhere';
  if (isOutcomeGroup(model, state)) return 'outcomes';
  if (state.type === 'final') return 'final';
  return stateAt(model, state.parent).type === 'parallel' ? 'region' : 'state';
}

/** Null when every transition into the state names a child. */
function initialInside(
  model: ChartModel,
  state: StateModel,
  moves: readonly Move[],
): string | null {
  const { initial } = state;
  if (initial === null || !isDrawn(model, stateAt(model, initial))) return null;
  return isEnteredByDefault(model, state, moves) ? initial : null;
}

function isEnteredByDefault(model: ChartModel, state: StateModel, moves: readonly Move[]): boolean {
  const [parent] = ancestorsOf(model, state);
  if (parent === undefined) return true;
  return (
    moves.some(({ target }) => target === state) ||
    ((parent.type === 'parallel' || parent.initial === state.path) &&
      isEnteredByDefault(model, parent, moves))
  );
}

function listed(model: ChartModel, group: StateModel, { path, key }: StateModel): Row {
  const text = wireCode(model, group, path);
  return { kind: 'listed', title: key, lines: text === '' ? [] : [{ text, transitions: [] }] };
}

function waiting({ key, transitions }: StateModel): Row {
  const lines = transitions.map(({ trigger, source, targets }) => ({
    text: trigger.kind === 'after' ? shortDuration(trigger.ms) : '',
    transitions: targets.map((target) => ({ source, event: triggerKey(trigger), target })),
  }));
  return { kind: 'waiting', title: key, lines };
}

/** One row for each target or large family; outcomes last. */
function rowsOf(moves: readonly Move[]): readonly Row[] {
  const families = [...grouped(moves, familyOf)].filter(
    ([family, members]) => family !== null && members.length >= MIN_FAMILY,
  );
  const large = new Set(families.flatMap(([, members]) => members));
  const alone = moves.filter((move) => !large.has(move));
  const rows = [...grouped(alone, ({ target }) => target)].map(
    ([target, same]): Row => ({
      kind: same[0]!.isOutcome ? 'outcome' : 'move',
      title: target.key,
      lines: linesOf(same),
    }),
  );
  return [
    ...rows.filter(({ kind }) => kind === 'move'),
    ...families.map(([family, members]) => familyRow(family!, members)),
    ...rows.filter(({ kind }) => kind === 'outcome'),
  ];
}

/** `reject` for an event that is named after its outcome; null otherwise. */
function familyOf({ transition, target, isOutcome: isEnd }: Move): string | null {
  return isEnd && transition.event.endsWith(`.${target.key}`)
    ? transition.event.slice(0, -target.key.length - 1)
    : null;
}

function familyRow(family: string, members: readonly Move[]): Row {
  const groups = new Set(members.map(({ target }) => target.parent));
  const [group] = groups;
  return {
    kind: 'outcome',
    title: group ? group.slice(group.lastIndexOf('.') + 1) : 'by name',
    lines: [
      {
        text: `${members.length} ${family} events`,
        transitions: members.map(({ transition }) => transition),
      },
    ],
  };
}

function arrowsOf(moves: readonly Move[]): readonly SketchArrow[] {
  return [...grouped(moves, ({ from, to }) => `${from} ${to}`).values()].map((same) => ({
    from: same[0]!.from,
    to: same[0]!.to,
    lines: linesOf(same),
  }));
}

function linesOf(moves: readonly Move[]): readonly Line[] {
  return [...grouped(moves, ({ text }) => text)].map(([text, same]) => ({
    text,
    transitions: same.map(({ transition }) => transition),
  }));
}
