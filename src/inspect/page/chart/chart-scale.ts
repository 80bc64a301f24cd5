/** How large a chart is drawn, and which part of it is in view. Pure; all lengths are px. */
import type { PictureBox } from '../../../charts/picture.ts';

export type Size = { readonly width: number; readonly height: number };

/** A part of the picture. */
export type Area = Pick<PictureBox, 'x' | 'y' | 'width' | 'height'>;

/** Scales: at 1 the smallest type of a chart has its 11 px, so charts are never drawn smaller. */
export const SCALE = { least: 1, most: 3, fit: 1.25, step: 1.25 };

/** Around the picture, on each side. */
export const MARGIN = 12;

export const bounded = (scale: number): number =>
  Math.min(SCALE.most, Math.max(SCALE.least, scale));

/** The scale at which the whole picture is in view, if its type is readable then. */
export function fittingScale(picture: Size, canvas: Size): number {
  const width = (canvas.width - 2 * MARGIN) / picture.width;
  const height = (canvas.height - 2 * MARGIN) / picture.height;
  return Math.max(SCALE.least, Math.min(width, height, SCALE.fit));
}

/** One step smaller or larger, by a percentage that is easy to read. */
export function stepped(scale: number, by: 1 | -1): number {
  return bounded(Math.round(scale * SCALE.step ** by * 20) / 20);
}

/** The smallest rectangle around both. */
function around(one: Area, other: Area): Area {
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  const right = Math.max(one.x + one.width, other.x + other.width);
  const bottom = Math.max(one.y + one.height, other.y + other.height);
  return { x, y, width: right - x, height: bottom - y };
}

/**
 * Where to scroll so that a place is in the middle.
 * @param places Most important first: those that are in the view together with the first one are in the middle.
 */
export function scrollTo(
  places: readonly Area[],
  scale: number,
  canvas: Size,
): readonly [left: number, top: number] | null {
  const [first] = places;
  if (!first) return null;
  let shown = first;
  for (const place of places) {
    const wider: Area = around(shown, place);
    const fits = wider.width * scale <= canvas.width && wider.height * scale <= canvas.height;
    if (fits) shown = wider;
  }
  const left = MARGIN + (shown.x + shown.width / 2) * scale - canvas.width / 2;
  const top = MARGIN + (shown.y + shown.height / 2) * scale - canvas.height / 2;
  return [Math.max(0, left), Math.max(0, top)];
}
