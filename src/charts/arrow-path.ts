/** SVG path data of an arrow: straight segments with rounded corners, and the arrow head. */
import type { Point } from './elk-layout.ts';

/** Corner radius, and length and half width of the arrow head, in px. */
const BEND = 7;
const HEAD = { length: 8, half: 3.5 };

/** @param points At least two. The line ends where the head begins. */
export function arrowPath(points: readonly Point[]): {
  readonly line: string;
  readonly head: string;
} {
  const [tip, before] = [points.at(-1)!, points.at(-2)!];
  const [dx, dy] = direction(before, tip);
  const end: Point = [tip[0] - dx * HEAD.length, tip[1] - dy * HEAD.length];
  const [wing, other] = [HEAD.half, -HEAD.half].map(
    (half): Point => [end[0] - dy * half, end[1] + dx * half],
  );
  const head = `M${[tip, wing!, other!].map(coordinates).join('L')}z`;
  return { line: roundedLine([...points.slice(0, -1), end]), head };
}

function roundedLine(points: readonly Point[]): string {
  const corners = points.slice(1, -1).map((corner, index) => {
    const [before, after] = [points[index]!, points[index + 2]!];
    const radius = Math.min(BEND, distance(before, corner) / 2, distance(corner, after) / 2);
    const [inX, inY] = direction(before, corner);
    const [outX, outY] = direction(corner, after);
    const start: Point = [corner[0] - inX * radius, corner[1] - inY * radius];
    const stop: Point = [corner[0] + outX * radius, corner[1] + outY * radius];
    return `L${coordinates(start)}Q${coordinates(corner)} ${coordinates(stop)}`;
  });
  return `M${coordinates(points[0]!)}${corners.join('')}L${coordinates(points.at(-1)!)}`;
}

const distance = ([ax, ay]: Point, [bx, by]: Point): number => Math.hypot(bx - ax, by - ay);

function direction(from: Point, to: Point): Point {
  const length = distance(from, to) || 1;
  return [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
}

const coordinates = ([x, y]: Point): string =>
  `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
