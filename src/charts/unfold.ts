/**
 * Shows rows of folded boxes: makes the boxes higher and moves what is below them, in their column, down. So every
 * combination of open boxes comes from one layout.
 */
import { BELOW_ROWS, type PlacedRow, type PlacedText } from './box-layout.ts';
import type { Point } from './elk-layout.ts';
import type { Picture, PictureArrow, PictureBox } from './picture.ts';

/** By path of the box: places of the rows that are shown. */
export type ShownRows = ReadonlyMap<string, ReadonlySet<number>>;

/** @param picture With all its boxes folded. */
export function unfolded(picture: Picture, shownRows: ShownRows): Picture {
  const opened = picture.boxes.map((box) => openedBox(box, shownRows.get(box.path) ?? new Set()));
  const cuts = picture.columns.map(() => new Map<number, number>());
  const columnOf = (x: number): number =>
    Math.max(
      0,
      picture.columns.findLastIndex((left) => left <= x),
    );
  for (const [index, { x, y, height }] of picture.boxes.entries()) {
    const growth = opened[index]!.height - height;
    const [column, cut] = [cuts[columnOf(x)]!, Math.round(y + height)];
    if (growth > 0) column.set(cut, Math.max(growth, column.get(cut) ?? 0));
  }
  const below = (x: number, y: number): number =>
    [...cuts[columnOf(x)]!].reduce((sum, [cut, growth]) => (y > cut + 1 ? sum + growth : sum), y);
  const moved = (point: Point): Point => [point[0], below(...point)];
  const boxes = opened.map((box, index) => movedBox(box, picture.boxes[index]!, below));
  const boxAt = new Map(boxes.map((box) => [box.path, box]));
  const arrows = picture.arrows.map((arrow) => movedArrow(arrow, moved, boxAt));
  const starts = picture.starts.map(({ dot, points, ...rest }) => ({
    ...rest,
    dot: moved(dot),
    points: points.map(moved),
  }));
  const change = bottomOf(boxes, arrows) - bottomOf(picture.boxes, picture.arrows);
  return { ...picture, boxes, arrows, starts, height: Math.ceil(picture.height + change) };
}

const bottomOf = (boxes: readonly PictureBox[], arrows: readonly PictureArrow[]): number =>
  Math.max(
    ...boxes.map(({ y, height }) => y + height),
    ...arrows.flatMap(({ points, label }) => [label.y + label.height, ...points.map(([, y]) => y)]),
  );

/** All rows of all folded boxes. */
export function allUnfolded(picture: Picture): Picture {
  const every = picture.boxes.flatMap(({ path, rows, shown }) =>
    shown ? [[path, new Set(rows.keys())] as const] : [],
  );
  return unfolded(picture, new Map(every));
}

/** The rows that are drawn, with their places among all rows of the box. */
export const shownRows = ({
  rows,
  shown,
}: PictureBox): readonly (readonly [number, PlacedRow])[] =>
  shown ? shown.map((place) => [place, rows[place]!]) : [...rows.entries()];

function openedBox(box: PictureBox, wanted: ReadonlySet<number>): PictureBox {
  if (!box.shown || wanted.size === 0) return box;
  const shown = [...wanted].sort((a, b) => a - b);
  const first = box.rows[0]!.y;
  let y = first;
  const rows = [...box.rows];
  for (const place of shown) {
    rows[place] = movedRow(rows[place]!, y - rows[place]!.y);
    y += rows[place]!.height;
  }
  return { ...box, rows, shown, height: y - box.y + BELOW_ROWS };
}

function movedRow(row: PlacedRow, dy: number): PlacedRow {
  return { ...row, y: row.y + dy, texts: row.texts.map((text) => movedText(text, dy)) };
}

const movedText = (text: PlacedText, dy: number): PlacedText => ({ ...text, y: text.y + dy });

/** A box around a place that grows becomes higher; its texts stay at its top. */
function movedBox(
  box: PictureBox,
  { height }: PictureBox,
  below: (x: number, y: number) => number,
): PictureBox {
  const y = below(box.x, box.y);
  const dy = y - box.y;
  const grown = below(box.x, box.y + height) - y;
  return {
    ...box,
    y,
    height: Math.max(box.height, grown),
    texts: box.texts.map((text) => movedText(text, dy)),
    rows: box.rows.map((row) => movedRow(row, dy)),
  };
}

/** An arrow from the lower border of an opened box starts at its new border. */
function movedArrow(
  arrow: PictureArrow,
  moved: (point: Point) => Point,
  boxAt: ReadonlyMap<string, PictureBox>,
): PictureArrow {
  const { label, texts, from } = arrow;
  const points = arrow.points.map(moved);
  const { y, height, shown } = boxAt.get(from)!;
  if (shown && points[0]![1] > y) points[0] = [points[0]![0], y + height];
  const dy = moved([label.x, label.y + label.height / 2])[1] - label.y - label.height / 2;
  return {
    ...arrow,
    points,
    label: { ...label, y: label.y + dy },
    texts: texts.map((text) => movedText(text, dy)),
  };
}
