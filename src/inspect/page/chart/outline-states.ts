/** States of a machine as a tree: those of its picture, and others that its actors are in. */

import type { Store } from '../model/store.ts';
import { CHARTS } from './charts.ts';

export type OutlineState = {
  readonly path: string;
  readonly name: string;
  /** Actors in it or in its children. */
  readonly active: number;
  readonly children: readonly OutlineState[];
};

/** @param only Counts these actors, ended ones too; all running ones if omitted. */
export function outlineOf(
  { actors }: Store,
  machine: string,
  only?: readonly number[],
): readonly OutlineState[] {
  const drawn = drawnPaths(machine);
  const known = new Set(drawn);
  const counts = new Map<string, number>(drawn.map((path) => [path, 0]));
  for (const { number, machine: of, status, state } of actors.values()) {
    if (of !== machine || (only ? !only.includes(number) : status !== 'active')) continue;
    for (const path of placesOf(state, known)) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return below('', counts);
}

function drawnPaths(machine: string): readonly string[] {
  const boxes = CHARTS.get(machine)?.picture.boxes ?? [];
  const listed = boxes.flatMap(({ path, rows }) =>
    rows
      .filter(({ kind }) => kind === 'listed' || kind === 'waiting')
      .map(({ texts }) => [path, texts[0]?.text].filter(Boolean).join('.')),
  );
  return [...boxes.map(({ path }) => path), ...listed].filter((path) => path !== '');
}

/** The active states, each once. A later region starts with its own name, inside a parent of the region before it. */
function placesOf(state: string, known: ReadonlySet<string>): ReadonlySet<string> {
  const places = new Set<string>();
  let before = '';
  for (const part of state.split('+')) {
    const outer = prefixesOf(before)
      .map((path) => `${path}.${part}`)
      .findLast((path) => known.has(path));
    before = outer ?? part;
    for (const path of prefixesOf(before)) places.add(path);
  }
  return places;
}

/** Outermost first, the path itself last. */
const prefixesOf = (path: string): readonly string[] => {
  const names = path === '' ? [] : path.split('.');
  return names.map((_, place) => names.slice(0, place + 1).join('.'));
};

function below(outer: string, counts: ReadonlyMap<string, number>): readonly OutlineState[] {
  const start = outer === '' ? '' : `${outer}.`;
  return [...counts]
    .filter(([path]) => path.startsWith(start) && !path.slice(start.length).includes('.'))
    .map(([path, active]) => ({
      path,
      name: path.slice(start.length),
      active,
      children: below(path, counts),
    }));
}
