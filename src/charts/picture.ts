/**
 * The geometry of a chart: every box, row, text, arrow and label with its position in px, rounded to tenths.
 * The SVG is drawn from it. It is also written as JSON, from which the inspector's page draws running machines.
 */
import { type BoxContent, contentOf, LABEL_LINE_HEIGHT, type PlacedText } from './box-layout.ts';
import type { ChartModel } from './chart-model.ts';
import { layOutOnPage } from './column-layout.ts';
import { DOT, type Layout, type Point, type Rectangle, type Start } from './elk-layout.ts';
import { type Line, type SketchArrow, type SketchBox, sketch } from './sketch.ts';
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
};

export type PictureBox = Rectangle &
  Pick<SketchBox, 'path' | 'kind' | 'description'> & {
    readonly isCompound: boolean;
    /** Number of boxes around it. */
    readonly depth: number;
    readonly texts: readonly PlacedText[];
    readonly rows: BoxContent['rows'];
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

export async function pictureOf(model: ChartModel): Promise<Picture> {
  const drawn = sketch(model);
  const layout = withEqualRegions(model, await layOutOnPage(drawn));
  return rounded({
    id: model.id,
    width: Math.ceil(layout.width),
    height: Math.ceil(layout.height),
    boxes: drawn.boxes.map((box) => placedBox(box, drawn.boxes, layout)),
    arrows: drawn.arrows.map((arrow) => placedArrow(arrow, layout)),
    starts: [...layout.starts].map(([to, start]) => placedStart(to, start)),
  });
}

/** Gives parallel regions that are side by side the same height. */
function withEqualRegions(model: ChartModel, layout: Layout): Layout {
  const boxes = new Map(layout.boxes);
  for (const { type, children } of model.states) {
    if (type !== 'parallel') continue;
    const regions = children.flatMap((path) => boxes.get(path) ?? []);
    const top = Math.min(...regions.map(({ y }) => y));
    const bottom = Math.max(...regions.map(({ y, height }) => y + height));
    const isRow = regions.every((one) =>
      regions.every(
        (other) => one === other || one.x + one.width <= other.x || other.x + other.width <= one.x,
      ),
    );
    if (!isRow) continue;
    for (const path of children)
      boxes.set(path, { ...boxes.get(path)!, y: top, height: bottom - top });
  }
  return { ...layout, boxes };
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
