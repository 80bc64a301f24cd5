/** Moves the texts of a box aside where lines cross the box to reach a box inside it. */
import type { BoxContent } from './box-layout.ts';

type Point = readonly [x: number, y: number];
type Place = { readonly x: number; readonly y: number; readonly width: number };

/** Space beside the texts that a line may use, in px. Less than the padding, so that no line touches a text. */
const MARGIN = 8;

/** @returns Shift of the texts to the right, in px, after which no line crosses them; null if there is none. */
export function freeShift(
  { x, y, width }: Place,
  content: Pick<BoxContent, 'width' | 'height'>,
  lines: readonly (readonly Point[])[],
): number | null {
  const bottom = y + content.height;
  const taken = lines
    .flatMap((points) => points.slice(1).map((end, index) => [points[index]!, end] as const))
    .filter(([a, b]) => Math.max(a[1], b[1]) > y && Math.min(a[1], b[1]) < bottom)
    .map(([a, b]) => [Math.min(a[0], b[0]), Math.max(a[0], b[0])] as const);
  const isFree = (shift: number): boolean =>
    taken.every(
      ([left, right]) => right <= x + shift + MARGIN || left >= x + shift + content.width - MARGIN,
    );
  for (let shift = 0; shift <= width - content.width; shift += 1) if (isFree(shift)) return shift;
  return null;
}
