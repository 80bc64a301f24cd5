/**
 * A layout with the proportions of a page: the top-level states are split into columns, each column is laid out
 * separately, and arrows that would be long or lead to another column become jumps.
 */
import { type Layout, layOut, type Point, type Rectangle } from './elk-layout.ts';
import { withJumps } from './jumps.ts';
import type { Sketch, SketchBox } from './sketch.ts';

/** Preferred size of a picture, in px. It may be higher, but never wider than `MAX_WIDTH`. */
const PAGE = { width: 1300, height: 900 };

/** Widest picture, in px. */
export const MAX_WIDTH = 1400;

/** Longest arrow, in px along its line. */
export const MAX_ARROW = 420;

const MAX_COLUMNS = 3;

/** Splits that are laid out, for each number of columns. */
const MAX_SPLITS = 10;

/** Around the whole picture, and between columns, in px. */
const MARGIN = 16;
const GUTTER = 32;

/** How much higher a column may be, in px, to avoid one jump to another column. */
const CROSSING_COST = 90;

/** How much smaller the scale may be to avoid one jump, and one px of an arrow beyond a short one. */
const JUMP_COST = 0.1;
const LENGTH_COST = 0.0004;
const SHORT_ARROW = 200;

/** A sketch, some of its arrows as jumps, with the positions of its parts. */
export type Drawn = {
  readonly sketch: Sketch;
  readonly layout: Layout;
  /** Left ends of the columns, in px. */
  readonly columns: readonly number[];
};

/** Of several layouts, the one that fits the page at the largest scale with few jumps. */
export async function layOutOnPage(sketch: Sketch): Promise<Drawn> {
  const known = new Map<string, Promise<Drawn>>();
  const columnFor = (tops: readonly string[]): Promise<Drawn> => {
    const key = tops.join();
    if (!known.has(key)) known.set(key, withoutLongArrows(columnOf(sketch, tops)));
    return known.get(key)!;
  };
  const drawn = async (columns: Columns): Promise<Drawn> =>
    sideBySide(sketch.id, await Promise.all(columns.map(columnFor)));
  const tops = sketch.boxes.filter(({ parent }) => parent === null).map(({ path }) => path);
  const flat = await drawn([tops]);
  const worth = ({ sketch: { arrows }, layout }: Drawn): number => {
    const jumps = sketch.arrows.length - arrows.length;
    const lengths = [...layout.arrows.values()].map(({ points }) => lengthOf(points));
    const beyond = lengths.reduce((sum, one) => sum + Math.max(0, one - SHORT_ARROW), 0);
    return scaleOf(layout) - jumps * JUMP_COST - beyond * LENGTH_COST;
  };
  let best = flat;
  for (let count = 2; count <= MAX_COLUMNS; count += 1) {
    for (const columns of splits(sketch, flat.layout, count)) {
      const other = await drawn(columns);
      if (worth(other) > worth(best)) best = other;
    }
  }
  return best;
}

/** Paths of the top-level boxes, column by column. */
type Columns = readonly (readonly string[])[];

function scaleOf({ width, height }: Layout): number {
  return width > MAX_WIDTH
    ? Number.NEGATIVE_INFINITY
    : Math.min(1, PAGE.width / width, PAGE.height / height);
}

/** The cheapest splits of the top-level boxes, which stay in the order of declaration. */
function splits({ boxes, arrows }: Sketch, flat: Layout, count: number): readonly Columns[] {
  const tops = boxes
    .filter(({ parent }) => parent === null)
    .map(({ path }) => ({ path, height: flat.boxes.get(path)!.height }));
  const place = new Map(tops.map(({ path }, index) => [path, index]));
  const topOf = topFinder(boxes);
  const spans = arrows.map(
    ({ from, to }) => [place.get(topOf(from))!, place.get(topOf(to))!] as const,
  );
  const costOf = (ends: readonly number[]): number => {
    const starts = [0, ...ends];
    const heights = starts.map((start, index) =>
      tops.slice(start, starts[index + 1]).reduce((sum, { height }) => sum + height + 50, 0),
    );
    const columnAt = (index: number): number => ends.filter((end) => end <= index).length;
    const crossing = spans.filter(([from, to]) => columnAt(from) !== columnAt(to)).length;
    return Math.max(...heights) + crossing * CROSSING_COST;
  };
  const candidates = choices(1, tops.length, count - 1).map((ends) => ({
    ends,
    cost: costOf(ends),
  }));
  return candidates
    .sort((a, b) => a.cost - b.cost)
    .slice(0, MAX_SPLITS)
    .map(({ ends }) =>
      [0, ...ends].map((start, index) => tops.slice(start, ends[index]).map(({ path }) => path)),
    );
}

/** Every ascending choice of `count` numbers from `from` up to but not including `to`. */
function choices(from: number, to: number, count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index).flatMap(
    (first) => choices(first + 1, to, count - 1).map((rest) => [first, ...rest]),
  );
}

function topFinder(boxes: readonly SketchBox[]): (path: string) => string {
  const parents = new Map(boxes.map(({ path, parent }) => [path, parent]));
  return function topOf(path: string): string {
    const parent = parents.get(path) ?? null;
    return parent === null ? path : topOf(parent);
  };
}

/** Boxes and arrows of some top-level states. Arrows to other columns become jumps. */
function columnOf(sketch: Sketch, tops: readonly string[]): Sketch {
  const topOf = topFinder(sketch.boxes);
  const isInside = (path: string): boolean => tops.includes(topOf(path));
  const { boxes, arrows, initial } = sketch;
  const leaving = arrows.filter(({ from, to }) => isInside(from) && !isInside(to));
  const own = {
    id: sketch.id,
    boxes: boxes.filter(({ path }) => isInside(path)),
    arrows: arrows.filter(({ from, to }) => isInside(from) && isInside(to)),
    initial: initial !== null && isInside(initial) ? initial : null,
  };
  return withJumps({ ...own, arrows: [...own.arrows, ...leaving] }, new Set(leaving));
}

/** Replaces the longest arrow by a jump until none is too long. */
async function withoutLongArrows(sketch: Sketch): Promise<Drawn> {
  const layout = await layOut(sketch);
  const [longest] = [...layout.arrows]
    .map(([arrow, { points }]) => ({ arrow, length: lengthOf(points) }))
    .filter(({ length }) => length > MAX_ARROW)
    .sort((a, b) => b.length - a.length);
  if (longest === undefined) return { sketch, layout, columns: [0] };
  return withoutLongArrows(withJumps(sketch, new Set([longest.arrow])));
}

function lengthOf(points: readonly Point[]): number {
  return points
    .slice(1)
    .reduce(
      (sum, [x, y], index) => sum + Math.hypot(x - points[index]![0], y - points[index]![1]),
      0,
    );
}

/** Columns side by side, aligned at the top. */
function sideBySide(id: string, columns: readonly Drawn[]): Drawn {
  const lefts: number[] = [];
  let left = MARGIN;
  const moved = columns.map(({ layout }) => {
    lefts.push(left);
    left += layout.width + GUTTER;
    return shifted(layout, lefts.at(-1)!, MARGIN);
  });
  return {
    columns: lefts,
    sketch: {
      id,
      boxes: columns.flatMap(({ sketch }) => sketch.boxes),
      arrows: columns.flatMap(({ sketch }) => sketch.arrows),
      initial: columns.find(({ sketch }) => sketch.initial !== null)?.sketch.initial ?? null,
    },
    layout: {
      width: left - GUTTER + MARGIN,
      height: Math.max(...moved.map(({ height }) => height)) + 2 * MARGIN,
      boxes: new Map(moved.flatMap(({ boxes }) => [...boxes])),
      arrows: new Map(moved.flatMap(({ arrows }) => [...arrows])),
      starts: new Map(moved.flatMap(({ starts }) => [...starts])),
    },
  };
}

/** Moves every part of the layout. */
export function shifted(layout: Layout, dx: number, dy: number): Layout {
  const point = ([x, y]: Point): Point => [x + dx, y + dy];
  const rectangle = (one: Rectangle): Rectangle => ({ ...one, x: one.x + dx, y: one.y + dy });
  return {
    ...layout,
    boxes: mapValues(layout.boxes, rectangle),
    arrows: mapValues(layout.arrows, ({ points, label }) => ({
      points: points.map(point),
      label: label && rectangle(label),
    })),
    starts: mapValues(layout.starts, ({ dot, points }) => ({
      dot: point(dot),
      points: points.map(point),
    })),
  };
}

function mapValues<Key, From, To>(
  from: ReadonlyMap<Key, From>,
  change: (value: From) => To,
): Map<Key, To> {
  return new Map([...from].map(([key, value]) => [key, change(value)]));
}
