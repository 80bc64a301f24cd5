/**
 * A layout with the proportions of a page: the top-level states are split into columns where few arrows cross, each
 * column is laid out separately, and arrows between columns run in the gutters between them.
 */
import { type Layout, layOut, type Point, type Rectangle, type Route } from './elk-layout.ts';
import type { Sketch, SketchArrow, SketchBox } from './sketch.ts';

/** Preferred size of a picture, in px. It may be higher, but never wider than `MAX_WIDTH`. */
const PAGE = { width: 1360, height: 860 };

/** Widest picture, in px. */
export const MAX_WIDTH = 1400;

const MAX_COLUMNS = 4;

/** Splits that are laid out, for each number of columns. */
const MAX_SPLITS = 4;

/** Around the whole picture, in px. */
const MARGIN = 16;
/** Width of a gutter without arrows, and distance between two lines in a gutter, in px. */
const GUTTER = 22;
const LANE = 9;

/** How much higher a column may be, in px, to avoid one arrow through the gutters. */
const CROSSING_COST = 45;

/** Of several layouts, the one that fits the page at the largest scale. */
export async function layOutOnPage(sketch: Sketch): Promise<Layout> {
  const flat = withMargin(await layOut(sketch));
  let best = flat;
  for (let count = 2; count <= MAX_COLUMNS; count += 1) {
    for (const columns of splits(sketch, flat, count)) {
      const layout = await joined(sketch, columns);
      if (scaleOf(layout) > scaleOf(best)) best = layout;
    }
  }
  return best;
}

/** Paths of the top-level boxes, column by column. */
type Columns = readonly (readonly string[])[];

function scaleOf({ width, height }: Layout): number {
  return width > MAX_WIDTH ? 0 : Math.min(1, PAGE.width / width, PAGE.height / height);
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

/** An arrow between two columns as two arrows that meet in a gutter. */
type Halves = {
  readonly arrow: SketchArrow;
  readonly out: SketchArrow;
  readonly into: SketchArrow;
};

async function joined(sketch: Sketch, columns: Columns): Promise<Layout> {
  const topOf = topFinder(sketch.boxes);
  const columnOf = (path: string): number =>
    columns.findIndex((column) => column.includes(topOf(path)));
  const crossing = sketch.arrows
    .filter(({ from, to }) => columnOf(from) !== columnOf(to))
    .map(
      (arrow, index): Halves => ({
        arrow,
        out: { ...arrow, to: `out ${index}` },
        into: { from: `in ${index}`, to: arrow.to, lines: [] },
      }),
    );
  const parts = await Promise.all(
    columns.map((_, column) => {
      const outs = crossing.flatMap(({ out }) => (columnOf(out.from) === column ? [out] : []));
      const ins = crossing.flatMap(({ into }) => (columnOf(into.to) === column ? [into] : []));
      const own = sketch.arrows.filter(
        ({ from, to }) => columnOf(from) === column && columnOf(to) === column,
      );
      const isInColumn = (path: string | null) => path !== null && columnOf(path) === column;
      return layOut(
        {
          id: sketch.id,
          boxes: sketch.boxes.filter(({ path }) => isInColumn(path)),
          arrows: [...own, ...outs, ...ins],
          initial: isInColumn(sketch.initial) ? sketch.initial : null,
        },
        [
          ...ins.map(({ from }) => ({ id: from, at: 'top' as const })),
          ...outs.map(({ to }) => ({ id: to, at: 'bottom' as const })),
        ],
      );
    }),
  );
  return assembled(sketch, parts, crossing, columnOf);
}

function assembled(
  { arrows }: Sketch,
  parts: readonly Layout[],
  crossing: readonly Halves[],
  columnOf: (path: string) => number,
): Layout {
  const arriving = parts.map((_, column) =>
    crossing.filter(({ into }) => columnOf(into.to) === column),
  );
  const top = MARGIN + LANE * Math.max(...arriving.map(({ length }) => length));
  const lefts: number[] = [];
  let right = MARGIN - GUTTER;
  for (const [column, { width }] of parts.entries()) {
    lefts.push(right + GUTTER + LANE * arriving[column]!.length);
    right = lefts[column]! + width;
  }
  const moved = parts.map((part, column) => shifted(part, lefts[column]!, top));
  const bottom = top + Math.max(...parts.map(({ height }) => height));
  const routes = new Map<SketchArrow, Route>(moved.flatMap((part) => [...part.arrows]));
  const lanes = crossing.map(({ arrow, out, into }, lane): [SketchArrow, Route] => {
    const [from, to] = [columnOf(arrow.from), columnOf(arrow.to)];
    const order = arriving[to]!.findIndex((one) => one.arrow === arrow);
    const leaving = routes.get(out)!;
    const entering = routes.get(into)!.points.slice(1);
    // an arrow to the next column only has to pass below its own column
    const floor = to === from + 1 ? top + parts[from]!.height : bottom;
    const below = floor + LANE * (lane + 1);
    const gutter = lefts[to]! - GUTTER / 2 - LANE * order;
    const above = top - LANE * (order + 1) + LANE / 2;
    const down = leaving.points.slice(0, -1);
    const [downX] = leaving.points.at(-1)!;
    const [upX] = entering[0]!;
    const between: Point[] = [
      [downX, below],
      [gutter, below],
      [gutter, above],
      [upX, above],
    ];
    return [arrow, { points: [...down, ...between, ...entering], label: leaving.label }];
  });
  for (const [arrow, route] of lanes) routes.set(arrow, route);
  return {
    width: right + MARGIN,
    height:
      Math.max(bottom, ...lanes.flatMap(([, { points }]) => points.map(([, y]) => y))) + MARGIN,
    boxes: new Map(moved.flatMap((part) => [...part.boxes])),
    arrows: new Map(arrows.map((arrow) => [arrow, routes.get(arrow)!])),
    starts: new Map(moved.flatMap((part) => [...part.starts])),
  };
}

function withMargin(layout: Layout): Layout {
  const moved = shifted(layout, MARGIN, MARGIN);
  return { ...moved, width: layout.width + 2 * MARGIN, height: layout.height + 2 * MARGIN };
}

function shifted(layout: Layout, dx: number, dy: number): Layout {
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
