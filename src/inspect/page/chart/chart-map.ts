/** Where the states and transitions of a machine are in its picture. Draws nothing. */
import type { Picture } from '../../../charts/picture.ts';

/** A row of a box, by the places of both: `3.0`. */
export type RowId = string;
/** A line of the label of an arrow, by the places of both: `4.1`. */
export type LineId = string;

/** The parts of a picture that stand for a state: its box, all outer boxes, and its row if a box lists it. */
export type Place = { readonly boxes: readonly string[]; readonly rows: readonly RowId[] };

/** A transition of one machine. */
type Keyed = { readonly source: string; readonly event: string; readonly target: string };

const NOWHERE: Place = { boxes: [], rows: [] };

export class ChartMap {
  /** Paths of boxes. */
  readonly #boxes: ReadonlySet<string>;
  /** Rows that stand for a state of their own, by its path. */
  readonly #listed = new Map<string, RowId>();
  /** Drawn transitions, by key. */
  readonly #rows = new Map<string, RowId>();
  readonly #lines = new Map<string, LineId>();
  /** Targets of transitions; they include endings without a box, such as those of dial tasks. */
  readonly #targets = new Set<string>();
  readonly #places = new Map<string, Place>();

  constructor({ boxes, arrows }: Picture) {
    this.#boxes = new Set(boxes.flatMap(({ path }) => (path === '' ? [] : path))); // without the box of any state
    boxes.forEach(({ path, rows }, box) => {
      rows.forEach(({ kind, texts, lines }, row) => {
        const id = `${box}.${row}`;
        if (kind === 'listed' || kind === 'waiting')
          this.#listed.set([path, texts[0]!.text].filter(Boolean).join('.'), id);
        for (const transition of lines.flatMap(({ transitions }) => transitions)) {
          // a waiting state is listed with its delay; the transition after it is drawn on its own
          if (kind !== 'waiting') this.#rows.set(keyOf(transition), id);
          this.#targets.add(transition.target);
        }
      });
    });
    arrows.forEach(({ lines }, arrow) => {
      lines.forEach(({ transitions }, line) => {
        for (const transition of transitions)
          this.#lines.set(keyOf(transition), `${arrow}.${line}`);
      });
    });
  }

  /** Whether the picture has the state. */
  knows(state: string): boolean {
    const { boxes, rows } = this.placeOf(state);
    return boxes.length + rows.length > 0 || this.#targets.has(state);
  }

  rowOf = (transition: Keyed): RowId | undefined => this.#rows.get(keyOf(transition));
  lineOf = (transition: Keyed): LineId | undefined => this.#lines.get(keyOf(transition));
  /** The row that stands for a state. */
  listedRow = (state: string): RowId | undefined => this.#listed.get(state);

  /** @param state As recorders name it, see state-path.ts: of parallel regions only the first has its whole path. */
  placeOf(state: string): Place {
    const known = this.#places.get(state);
    if (known) return known;
    const boxes = new Set<string>();
    const rows = new Set<RowId>();
    let before = '';
    for (const part of state.split('+')) {
      const path = this.#wholePath(part, before);
      before = path;
      const row = this.#listed.get(path);
      if (row !== undefined) rows.add(row);
      for (const outer of outwards(path)) if (this.#boxes.has(outer)) boxes.add(outer);
    }
    const place = boxes.size + rows.size > 0 ? { boxes: [...boxes], rows: [...rows] } : NOWHERE;
    this.#places.set(state, place); // bounded by the states of the machine
    return place;
  }

  /** A later region starts with its own name; its parent is a parent of the region before it. */
  #wholePath(part: string, before: string): string {
    const names = before === '' ? [] : before.split('.');
    for (let length = names.length; length > 0; length -= 1) {
      const path = [...names.slice(0, length), part].join('.');
      if (this.#boxes.has(path) || this.#listed.has(path)) return path;
    }
    return part;
  }
}

const keyOf = ({ source, event, target }: Keyed): string => `${source}|${event}|${target}`;

/** A path and its parents. */
function outwards(path: string): readonly string[] {
  const names = path.split('.');
  return names.map((_, index) => names.slice(0, names.length - index).join('.'));
}
