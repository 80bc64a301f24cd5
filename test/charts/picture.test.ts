/**
 * Checks by geometry alone that the pictures are readable; text widths are upper limits. Those of our machines are read
 * from docs/statecharts, which write-charts.test.ts compares with new ones: to lay them out takes half a minute.
 */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';

import type { PlacedText } from '../../src/charts/box-layout.ts';
import { type ChartModel, chartModel } from '../../src/charts/chart-model.ts';
import { MAX_ARROW, MAX_WIDTH } from '../../src/charts/column-layout.ts';
import type { Point, Rectangle } from '../../src/charts/elk-layout.ts';
import { type Picture, type PictureBox, pictureOf } from '../../src/charts/picture.ts';
import { sketch } from '../../src/charts/sketch.ts';
import { allUnfolded, shownRows, unfolded } from '../../src/charts/unfold.ts';
import { readMachines } from '../../src/charts/write-charts.ts';
import { sampleMachine, twinMachine } from './sample.ts';

const samples = [chartModel(sampleMachine), chartModel(twinMachine)];
const models = [...(await readMachines()).map(({ model }) => model), ...samples];

/** Every box in it can be open. */
async function pictureFor(model: ChartModel): Promise<Picture> {
  if (samples.includes(model)) return pictureOf(model);
  return JSON.parse(await readFile(`docs/statecharts/${model.id}.json`, 'utf8'));
}

const FORMS: readonly (readonly [string, (picture: Picture) => Picture])[] = [
  ['folded', (picture) => picture],
  ['with all boxes open', allUnfolded],
  ['with one reason in each box', (picture) => unfolded(picture, everyBoxWith(picture, [1]))],
  ['with the first box open', (picture) => unfolded(picture, firstBoxOpen(picture))],
];

const cases = models.flatMap((model) => {
  const hasFolds = sketch(model).boxes.some(({ kind }) => kind === 'outcomes');
  return FORMS.slice(0, hasFolds ? undefined : 1).map(
    ([form, change]) => [model.id, form, model, change] as const,
  );
});

describe.each(cases)('picture of %s, %s', (_, __, model, change) => {
  let picture: Picture;
  beforeAll(async () => {
    picture = change(await pictureFor(model));
  }, 60_000); // seconds on a busy machine

  test('fits the page, and all parts are inside the picture', () => {
    const { width, height, boxes, arrows } = picture;
    expect(width).toBeLessThanOrEqual(MAX_WIDTH);
    const page = { x: 0, y: 0, width, height };
    for (const one of [...boxes, ...arrows.map(({ label }) => label)])
      expect(holds(page, one), JSON.stringify(one)).toBe(true);
    for (const [x, y] of arrows.flatMap(({ points }) => points))
      expect(holds(page, { x, y, width: 0, height: 0 })).toBe(true);
  });

  test('every text is inside its box', () => {
    for (const box of picture.boxes)
      for (const text of textsOf(box))
        expect(holds(box, areaOf(text)), `${box.path}: ${text.text}`).toBe(true);
  });

  test('no two texts overlap', () => {
    expect(overlapping(wordsIn(picture))).toEqual([]);
  });

  test('two boxes do not overlap unless one contains the other', () => {
    const { boxes } = picture;
    for (const one of boxes)
      for (const other of boxes)
        if (one !== other && overlap(one, other))
          expect(holds(one, other) || holds(other, one), `${one.path}, ${other.path}`).toBe(true);
  });

  test('an inner box is below the texts of the outer box', () => {
    for (const outer of picture.boxes)
      for (const inner of picture.boxes)
        if (outer !== inner && holds(outer, inner))
          for (const text of textsOf(outer))
            expect(overlap(areaOf(text), inner), `${inner.path}: ${text.text}`).toBe(false);
  });

  test('no label lies on a box without inner boxes', () => {
    const { boxes, arrows } = picture;
    for (const box of boxes.filter(({ isCompound }) => !isCompound))
      for (const { label, texts } of arrows)
        expect(overlap(box, label), `${box.path}: ${texts[0]!.text}`).toBe(false);
  });

  test('no line crosses a text of a box', () => {
    const { boxes, arrows, starts } = picture;
    for (const { points } of [...arrows, ...starts])
      for (const text of boxes.flatMap(textsOf))
        expect(crosses(points, areaOf(text)), text.text).toBe(false);
  });

  test('no line crosses the label of another arrow', () => {
    for (const one of picture.arrows)
      for (const other of picture.arrows)
        if (one !== other)
          expect(crosses(one.points, other.label), `${one.from}, ${other.texts[0]!.text}`).toBe(
            false,
          );
  });

  test('every arrow connects the borders of its boxes, in horizontal and vertical segments', () => {
    const { boxes, arrows } = picture;
    const boxAt = (path: string) => boxes.find((box) => box.path === path)!;
    for (const { from, to, points } of arrows) {
      expect(isOnBorder(boxAt(from), points[0]!), `from ${from}`).toBe(true);
      expect(isOnBorder(boxAt(to), points.at(-1)!), `to ${to}`).toBe(true);
      for (const [index, [x, y]] of points.slice(1).entries()) {
        const [lastX, lastY] = points[index]!;
        expect(Math.min(Math.abs(x - lastX), Math.abs(y - lastY))).toBeLessThan(2);
      }
    }
  });

  test('every label lies on its arrow', () => {
    for (const { points, label, lines, texts } of picture.arrows) {
      expect(crosses(points, label), texts[0]!.text).toBe(true);
      expect(texts.map(({ text }) => text)).toEqual(lines.map(({ text }) => text));
    }
  });
});

test.each(models.map((model) => [model.id, model] as const))(
  'no arrow of %s is long: a long one is a jump',
  async (_, model) => {
    for (const { points, from, to } of (await pictureFor(model)).arrows)
      expect(lengthOf(points), `${from} > ${to}`).toBeLessThanOrEqual(MAX_ARROW + 1);
  },
);

test('regions side by side have the same height', async () => {
  const { boxes } = await pictureFor(models.find(({ id }) => id === 'table-maintenance')!);
  const regions = boxes.filter(({ kind }) => kind === 'region');
  const sizesOf = (paths: RegExp) =>
    regions.filter(({ path }) => paths.test(path)).map(({ y, height }) => `${y} ${height}`);
  for (const paths of [/^serving\.\w+$/, /^serving\.revalidation\.\w+$/]) {
    expect(sizesOf(paths)).toHaveLength(2);
    expect(new Set(sizesOf(paths)).size).toBe(1);
  }
});

const textsOf = (box: PictureBox): readonly PlacedText[] => [
  ...box.texts,
  ...shownRows(box).flatMap(([, row]) => row.texts),
];

function everyBoxWith({ boxes }: Picture, rows: readonly number[]) {
  return new Map(boxes.flatMap(({ path, shown }) => (shown ? [[path, new Set(rows)]] : [])));
}

function firstBoxOpen({ boxes }: Picture) {
  const { path, rows } = boxes.find(({ shown }) => shown)!;
  return new Map([[path, new Set(rows.keys())]]);
}

function lengthOf(points: readonly Point[]): number {
  return points
    .slice(1)
    .reduce(
      (sum, [x, y], at) => sum + Math.abs(x - points[at]![0]) + Math.abs(y - points[at]![1]),
      0,
    );
}

/** Approximately from the top of capital letters to the end of descenders. */
const areaOf = ({ x, y, width }: PlacedText): Rectangle => ({ x, y: y - 9, width, height: 12 });

const wordsIn = ({ boxes, arrows }: Picture): readonly PlacedText[] => [
  ...boxes.flatMap(textsOf),
  ...arrows.flatMap(({ texts }) => texts),
];

function overlapping(texts: readonly PlacedText[]): readonly string[] {
  return texts.flatMap((one, index) =>
    texts
      .slice(index + 1)
      .filter((other) => overlap(areaOf(one), areaOf(other)))
      .map((other) => `${one.text} / ${other.text}`),
  );
}

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Positions are rounded to tenths. */
const ROUNDING = 0.2;

const holds = (outer: Rectangle, { x, y, width, height }: Rectangle): boolean =>
  x >= outer.x - ROUNDING &&
  y >= outer.y - ROUNDING &&
  x + width <= outer.x + outer.width + ROUNDING &&
  y + height <= outer.y + outer.height + ROUNDING;

function crosses(points: readonly Point[], area: Rectangle): boolean {
  return points.slice(1).some(([x, y], index) => {
    const [lastX, lastY] = points[index]!;
    const left = Math.min(x, lastX);
    const top = Math.min(y, lastY);
    return overlap(area, {
      x: left,
      y: top,
      width: Math.abs(x - lastX) + 0.01,
      height: Math.abs(y - lastY) + 0.01,
    });
  });
}

function isOnBorder({ x, y, width, height }: Rectangle, [px, py]: Point): boolean {
  const isInside = px >= x - 1 && px <= x + width + 1 && py >= y - 1 && py <= y + height + 1;
  const isEdge = [px - x, px - x - width, py - y, py - y - height].some((gap) => Math.abs(gap) < 1);
  return isInside && isEdge;
}
