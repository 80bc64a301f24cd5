/**
 * The geometry of a chart: every box, row, text, arrow and label with its position in px, rounded to tenths.
 * The SVG is drawn from it. It is also written as JSON, from which the inspector's page draws running machines.
 */
import { type BoxContent, contentOf, LABEL_LINE_HEIGHT, type PlacedText } from './box-layout.ts';
import type { ChartModel } from './chart-model.ts';
import { layOutOnPage, shifted } from './column-layout.ts';
import { DOT, type Layout, type Point, type Rectangle, type Start } from './elk-layout.ts';
import { type Line, type Sketch, type SketchArrow, type SketchBox, sketch } from './sketch.ts';
import { freeShift } from './word-place.ts';

export type Picture = {
  /** Id of the machine. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Outer boxes before the boxes inside them. */
  readonly boxes: readonly PictureBox[];
  readonly arrows: readonly PictureArrow[];
  readonly starts: readonly PictureStart[];
  /** Left ends of the columns. No arrow leads from one column to another. */
  readonly columns: readonly number[];
};

export type PictureBox = Rectangle &
  Pick<SketchBox, 'path' | 'kind' | 'description'> & {
    readonly isCompound: boolean;
    /** Number of boxes around it. */
    readonly depth: number;
    readonly texts: readonly PlacedText[];
    readonly rows: BoxContent['rows'];
    /** Of a box that folds: places of the rows that are shown. */
    readonly shown?: readonly number[];
  };

export type PictureArrow = {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  /** True when every transition of the arrow is a delay. */
  readonly isTimed: boolean;
  readonly label: Rectangle;
  /** One for each of `lines`, in the same order. */
  readonly texts: readonly PlacedText[];
  readonly lines: readonly Line[];
};

export type PictureStart = {
  /** Path of the initial box. */
  readonly to: string;
  /** Centre of the dot. */
  readonly dot: Point;
  readonly radius: number;
  readonly points: readonly Point[];
};

/** Between the texts of a region and what is in it, in px. */
const REGION_GAP = 6;

export async function pictureOf(model: ChartModel): Promise<Picture> {
  const { sketch: drawn, layout: free, columns } = await layOutOnPage(sketch(model));
  const layout = withEqualRegions(drawn, free);
  return rounded({
    id: model.id,
    width: Math.ceil(layout.width),
    height: Math.ceil(layout.height),
    boxes: drawn.boxes.map((box) => placedBox(box, drawn.boxes, layout)),
    arrows: drawn.arrows.map((arrow) => placedArrow(arrow, layout)),
    starts: [...layout.starts].map(([to, start]) => placedStart(to, start)),
    columns,
  });
}

/** Gives parallel regions that are side by side the same height, with their contents at the top. */
function withEqualRegions(drawn: Sketch, layout: Layout): Layout {
  let even = layout;
  for (const path of new Set(drawn.boxes.map(({ parent }) => parent))) {
    const regions = drawn.boxes.filter(({ parent, kind }) => parent === path && kind === 'region');
    const places = regions.map((region) => layout.boxes.get(region.path)!);
    const top = Math.min(...places.map(({ y }) => y));
    const bottom = Math.max(...places.map(({ y, height }) => y + height));
    const isRow = places.every((one) =>
      places.every(
        (other) => one === other || one.x + one.width <= other.x || other.x + other.width <= one.x,
      ),
    );
    if (!isRow) continue;
    for (const region of regions) {
      const boxes = new Map(even.boxes);
      boxes.set(region.path, { ...boxes.get(region.path)!, y: top, height: bottom - top });
      even = raised(region, { ...even, boxes });
    }
  }
  return even;
}

/** Moves what is in a region up to its texts, unless an arrow leaves the region. */
function raised(region: SketchBox, layout: Layout): Layout {
  const isInside = (path: string): boolean => path.startsWith(`${region.path}.`);
  const arrows = [...layout.arrows.keys()];
  if (arrows.some(({ from, to }) => isInside(from) !== isInside(to))) return layout;
  const tops = [
    ...[...layout.boxes].flatMap(([path, { y }]) => (isInside(path) ? [y] : [])),
    ...[...layout.starts].flatMap(([path, { dot }]) => (isInside(path) ? [dot[1] - DOT / 2] : [])),
    ...[...layout.arrows].flatMap(([{ from }, { points }]) =>
      isInside(from) ? points.map(([, y]) => y) : [],
    ),
  ];
  const { y } = layout.boxes.get(region.path)!;
  const dy = y + contentOf(region).height + REGION_GAP - Math.min(...tops);
  if (!(dy < 0)) return layout;
  const inside = shifted(layout, 0, dy);
  return {
    ...layout,
    boxes: merged(layout.boxes, inside.boxes, isInside),
    arrows: merged(layout.arrows, inside.arrows, ({ from }) => isInside(from)),
    starts: merged(layout.starts, inside.starts, isInside),
  };
}

function merged<Key, Value>(
  one: ReadonlyMap<Key, Value>,
  other: ReadonlyMap<Key, Value>,
  isOther: (key: Key) => boolean,
): Map<Key, Value> {
  return new Map([...one].map(([key, value]) => [key, isOther(key) ? other.get(key)! : value]));
}

function placedBox(box: SketchBox, boxes: readonly SketchBox[], layout: Layout): PictureBox {
  const place = layout.boxes.get(box.path)!;
  const content = contentOf(box);
  const { texts, rows } = content;
  const lines = [...layout.arrows.values()].map(({ points }) => points);
  const shift = freeShift(place, content, lines) ?? 0;
  const at = ({ x, y, ...rest }: PlacedText): PlacedText => ({
    x: x + place.x + shift,
    y: y + place.y,
    ...rest,
  });
  return {
    path: box.path,
    kind: box.kind,
    description: box.description,
    isCompound: boxes.some(({ parent }) => parent === box.path),
    depth: depthOf(box, boxes),
    ...place,
    texts: texts.map(at),
    rows: rows.map((row) => ({
      ...row,
      x: row.x + place.x + shift,
      y: row.y + place.y,
      texts: row.texts.map(at),
    })),
    ...(box.kind === 'outcomes' ? { shown: [] } : {}),
  };
}

function depthOf({ parent }: SketchBox, boxes: readonly SketchBox[]): number {
  const outer = boxes.find(({ path }) => path === parent);
  return outer ? depthOf(outer, boxes) + 1 : 0;
}

function placedArrow(arrow: SketchArrow, layout: Layout): PictureArrow {
  const { points, label } = layout.arrows.get(arrow)!;
  const { from, to, lines } = arrow;
  const texts = lines.map(({ text }, index): PlacedText => {
    const width = label!.width - 10;
    const y = label!.y + 13 + index * LABEL_LINE_HEIGHT;
    return { x: label!.x + 5, y, width, text, style: 'when' };
  });
  const isTimed = lines.every(({ transitions }) =>
    transitions.every(({ event }) => event.startsWith('after ')),
  );
  return { from, to, points, isTimed, label: label!, texts, lines };
}

const placedStart = (to: string, { dot, points }: Start): PictureStart => ({
  to,
  dot,
  radius: DOT / 2,
  points,
});

/** Rounded to tenths, so that every computer writes the same short numbers. */
function rounded(picture: Picture): Picture {
  return JSON.parse(JSON.stringify(picture), (_, value) =>
    typeof value === 'number' ? Math.round(value * 10) / 10 : value,
  ) as Picture;
}
