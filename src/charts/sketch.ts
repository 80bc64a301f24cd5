/**
 * What a picture shows of a chart model, before anything has a place.
 * An outcome is a red row inside the state it leaves instead of one of thirty long arrows, and so is
 * everything that an arrow could only show by going from a box into itself.
 */
import type { ChartModel, StateModel, TransitionModel } from './chart-model.ts';
import {
  ancestorsOf,
  destinationsOf,
  grouped,
  isOutcome,
  isOutcomeGroup,
  isWaitingRoom,
  rootOf,
  stateAt,
  transitionsOf,
} from './chart-reading.ts';
import { conditionWords, shortly, triggerKey } from './chart-words.ts';
import { wireCode } from './reason-table.ts';

/** This many outcomes of one family in one box share a row, `13 reject events`. Ours. */
const MIN_FAMILY = 4;

/** Stands for the machine itself, whose path is empty: what happens in any of its states. */
export const ANYWHERE = '';

export type Sketch = {
  readonly id: string;
  /** Parents before their children. */
  readonly boxes: readonly SketchBox[];
  readonly arrows: readonly SketchArrow[];
  /** Where the machine begins; null when its top is parallel. */
  readonly initial: string | null;
};

export type SketchBox = {
  /** Path of the state, or `ANYWHERE`. */
  readonly path: string;
  /** Null at the top. */
  readonly parent: string | null;
  readonly title: string;
  readonly kind: 'state' | 'region' | 'final' | 'outcomes' | 'anywhere';
  readonly description: string;
  /** Small lines under the title. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
  /** Which box inside of it comes first; null where there is no choice. */
  readonly initial: string | null;
};

export type Row = {
  /**
   * `listed` is an outcome in the box of its group, `waiting` a state that has no box of its own either,
   * `move` leads to another state of the machine.
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

/** One printed line about one or more transitions. */
export type Line = { readonly text: string; readonly ways: readonly Way[] };

/** A transition as a recorder sees it. */
export type Way = {
  readonly source: string;
  /** The event, or `after <delay>`, `always`, `done <what>`, `error <what>`. */
  readonly event: string;
  /** The full path, also where an outcome has no box of its own. */
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

/** A transition on its way to one of its targets. */
type Move = {
  /** The box it leaves. */
  readonly from: string;
  readonly target: StateModel;
  /** The box it reaches. */
  readonly to: string;
  /** Whether it goes between two boxes neither of which holds the other. */
  readonly isArrow: boolean;
  readonly isOutcome: boolean;
  readonly text: string;
  readonly way: Way;
};

function movesOf(model: ChartModel, transition: TransitionModel): readonly Move[] {
  const { source, trigger } = transition;
  const from = boxAt(model, stateAt(model, source));
  const isFolded = from.path !== source;
  return destinationsOf(model, transition).map(({ path }) => {
    const target = stateAt(model, path);
    const to = boxAt(model, target);
    const isNested =
      [from, ...ancestorsOf(model, from)].includes(to) || ancestorsOf(model, to).includes(from);
    const isEnd = isOutcome(model, target);
    const isNamesake = trigger.kind === 'after' && trigger.delay === target.key && isEnd;
    const words = isNamesake ? `after ${shortly(trigger.ms)}` : conditionWords(transition);
    return {
      from: from.path,
      target,
      to: to.path,
      isArrow: !isNested && !isEnd,
      isOutcome: isEnd,
      text: isFolded ? 'after its time' : words,
      way: { source, event: triggerKey(trigger), target: path },
    };
  });
}

/** Outcomes and the states of a waiting room are rows. */
function isDrawn(model: ChartModel, state: StateModel): boolean {
  return !isOutcome(model, state) && boxAt(model, state) === state;
}

/** The state itself, or the waiting room it is in. */
function boxAt(model: ChartModel, state: StateModel): StateModel {
  const [parent] = ancestorsOf(model, state);
  return parent && parent.parent !== null && isWaitingRoom(model, parent) ? parent : state;
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
    initial: isRoot ? null : firstInside(model, state, moves),
  };
}

function kindOf(model: ChartModel, state: StateModel): SketchBox['kind'] {
  if (state.parent === null) return 'anywhere';
  if (isOutcomeGroup(model, state)) return 'outcomes';
  if (state.type === 'final') return 'final';
  return stateAt(model, state.parent).type === 'parallel' ? 'region' : 'state';
}

/** Null where nothing enters the state without saying where in it. */
function firstInside(model: ChartModel, state: StateModel, moves: readonly Move[]): string | null {
  const { initial } = state;
  if (initial === null || !isDrawn(model, stateAt(model, initial))) return null;
  return isEnteredAsAWhole(model, state, moves) ? initial : null;
}

function isEnteredAsAWhole(model: ChartModel, state: StateModel, moves: readonly Move[]): boolean {
  const [parent] = ancestorsOf(model, state);
  if (parent === undefined) return true;
  return (
    moves.some(({ target }) => target === state) ||
    ((parent.type === 'parallel' || parent.initial === state.path) &&
      isEnteredAsAWhole(model, parent, moves))
  );
}

function listed(model: ChartModel, group: StateModel, { path, key }: StateModel): Row {
  const text = wireCode(model, group, path);
  return { kind: 'listed', title: key, lines: text === '' ? [] : [{ text, ways: [] }] };
}

function waiting({ key, transitions }: StateModel): Row {
  const lines = transitions.map(({ trigger, source, targets }) => ({
    text: trigger.kind === 'after' ? shortly(trigger.ms) : '',
    ways: targets.map((target) => ({ source, event: triggerKey(trigger), target })),
  }));
  return { kind: 'waiting', title: key, lines };
}

/** One row for each target or large family, outcomes last. */
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

/** `reject` for an event that is named like the outcome it leads to, else null. */
function familyOf({ way, target, isOutcome: isEnd }: Move): string | null {
  return isEnd && way.event.endsWith(`.${target.key}`)
    ? way.event.slice(0, -target.key.length - 1)
    : null;
}

function familyRow(family: string, members: readonly Move[]): Row {
  const groups = new Set(members.map(({ target }) => target.parent));
  const [group] = groups;
  return {
    kind: 'outcome',
    title: group ? group.slice(group.lastIndexOf('.') + 1) : 'as named',
    lines: [{ text: `${members.length} ${family} events`, ways: members.map(({ way }) => way) }],
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
    ways: same.map(({ way }) => way),
  }));
}
