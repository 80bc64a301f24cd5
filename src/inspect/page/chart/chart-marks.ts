/** The marks of a chart: for all actors of a machine, or for one at one step. Pure. */

import type { Transition } from '../model/entities.ts';
import type { Store } from '../model/store.ts';
import type { StoryStep } from '../model/story.ts';
import type { ChartMap, LineId, RowId } from './chart-map.ts';

/** One actor: its state, its past states, its last transition, and all its transitions. */
export type OneMarks = {
  readonly on: ReadonlySet<string>;
  readonly was: ReadonlySet<string>;
  readonly rows: ReadonlySet<RowId>;
  readonly lines: ReadonlySet<LineId>;
  readonly path: { readonly rows: ReadonlySet<RowId>; readonly lines: ReadonlySet<LineId> };
  /** Number of the step, to tell repeated transitions apart. */
  readonly sequence: number;
};

/** All actors of the machine. */
export type AllMarks = {
  /** Actors in each box now. */
  readonly counts: ReadonlyMap<string, number>;
  /** How often each row was taken since the recorder started. */
  readonly rows: ReadonlyMap<RowId, number>;
  /** Rate of each line, per second. */
  readonly rates: ReadonlyMap<LineId, number>;
  /** Running actors. */
  readonly alive: number;
  /** Some actor is in a state that the chart does not have: the node runs another version of the machine. */
  readonly isLost: boolean;
};

/** @param steps Of the whole story. @param at The step that is looked at. */
export function oneMarks(
  map: ChartMap,
  machine: string,
  steps: readonly StoryStep[],
  at: number,
): OneMarks & { readonly isLost: boolean } {
  const own = steps.slice(0, at + 1).filter((step) => step.machine === machine);
  const last = own.at(-1);
  const place = map.placeOf(last?.state ?? '');
  const on = new Set(place.boxes);
  const was = new Set<string>();
  for (const step of own) {
    const before = step === last ? [] : [step.state];
    for (const state of [...before, ...step.transitions.map(({ source }) => source)])
      for (const box of map.placeOf(state).boxes) if (!on.has(box)) was.add(box);
  }
  // the reason stays marked while the connection closes
  const passed = own.flatMap(({ state, transitions }) => [
    state,
    ...transitions.map(({ target }) => target),
  ]);
  const rows = new Set(passed.flatMap((state) => map.placeOf(state).rows));
  const taken = drawnOf(map, last?.transitions ?? []);
  const all = drawnOf(
    map,
    own.flatMap(({ transitions }) => transitions),
  );
  const isLost = last !== undefined && !map.knows(last.state);
  return {
    on,
    was,
    rows: new Set([...rows, ...taken.rows]),
    lines: taken.lines,
    path: { rows: new Set([...rows, ...all.rows]), lines: all.lines },
    sequence: last?.sequence ?? -1,
    isLost,
  };
}

/** The rows and lines of these transitions. */
function drawnOf(map: ChartMap, transitions: StoryStep['transitions']): OneMarks['path'] {
  const found = <Id>(of: (transition: StoryStep['transitions'][number]) => Id | undefined) =>
    new Set(transitions.flatMap((transition) => of(transition) ?? []));
  return { rows: found<RowId>(map.rowOf), lines: found<LineId>(map.lineOf) };
}

export function allMarks(map: ChartMap, machine: string, store: Store): AllMarks {
  const counts = new Map<string, number>();
  let [alive, lost] = [0, 0];
  for (const actor of store.actors.values()) {
    if (actor.machine !== machine || actor.status !== 'active') continue;
    alive += 1;
    if (!map.knows(actor.state)) lost += 1;
    for (const box of map.placeOf(actor.state).boxes) add(counts, box, 1);
  }
  const rows = new Map<RowId, number>();
  const rates = new Map<LineId, number>();
  for (const transition of store.transitions) {
    if (transition.machine !== machine) continue;
    for (const row of rowsOf(map, transition)) add(rows, row, transition.total);
    const line = map.lineOf(transition);
    if (line !== undefined) add(rates, line, store.rates.of(transition));
  }
  return { counts, rows, rates, alive, isLost: lost > 0 };
}

/** Innermost boxes with actors, those with most actors first. @param counts By path, outer boxes included. */
export function activeBoxes(counts: ReadonlyMap<string, number>): readonly string[] {
  const paths = [...counts.keys()];
  return paths
    .filter((path) => !paths.some((other) => other.startsWith(`${path}.`)))
    .sort((a, b) => counts.get(b)! - counts.get(a)!);
}

/** The row of the transition, and the row of its target. */
const rowsOf = (map: ChartMap, transition: Transition): readonly RowId[] => [
  ...new Set(
    [map.rowOf(transition), map.listedRow(transition.target)].filter((row) => row !== undefined),
  ),
];

function add<Key>(counts: Map<Key, number>, key: Key, count: number): void {
  if (count > 0) counts.set(key, (counts.get(key) ?? 0) + count);
}
