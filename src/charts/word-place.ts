/** Where the words of a box go when lines run into the box on their way to something inside it. */
import type { BoxContent } from './box-layout.ts';

type Point = readonly [x: number, y: number];
type Place = { readonly x: number; readonly y: number; readonly width: number };

/** Space at either side of the words that a line may use, in px: less than the padding, so that none touches them. */
const MARGIN = 8;

/** How far the words move to the right so that no line crosses them, in px; null if they have no such place. */
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
