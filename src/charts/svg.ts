/**
 * A picture as SVG text, light or dark as the reader's screen is.
 * It is meant for `<img>`: no script, no fetched font, no reference to anything outside.
 */
import { FONTS, type PlacedRow, type PlacedText } from './box-layout.ts';
import type { Point } from './elk-layout.ts';
import type { Picture, PictureArrow, PictureBox, PictureStart } from './picture.ts';
import { FONT_FAMILY } from './text-width.ts';

/** Radius of the bends of arrows, and length and half the width of their heads, in px. */
const BEND = 7;
const HEAD = { length: 8, half: 3.5 };

/** Every colour by its class and theme; each text stands out from what is behind it by at least 4.5 : 1. */
const THEMES = {
  light: {
    paper: '#ffffff',
    ink: '#16202b',
    muted: '#52606e',
    line: '#738291',
    border: '#aebbc8',
    box: '#ffffff',
    outer: '#f4f7fa',
    inner: '#e9eff5',
    bad: '#b3261e',
    badBox: '#fdf1f0',
    badBorder: '#dd9a95',
    timed: '#855700',
  },
  dark: {
    paper: '#0f151b',
    ink: '#e6edf3',
    muted: '#a3b0bd',
    line: '#76879a',
    border: '#435261',
    box: '#1b2530',
    outer: '#141c24',
    inner: '#18222c',
    bad: '#ff8a80',
    badBox: '#2a1817',
    badBorder: '#8a4540',
    timed: '#e0b15c',
  },
} as const;

type Colours = Readonly<Record<keyof (typeof THEMES)['light'], string>>;

export function svg(picture: Picture): string {
  const { id, width, height, boxes, arrows, starts } = picture;
  const title = `Statechart of the ${escaped(id)} machine`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${title}</title>`,
    '<style>',
    ...styles(),
    '</style>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...boxes.map(boxShape),
    ...starts.map(startShape),
    ...arrows.map(arrowShape),
    ...arrows.map(labelShape),
    ...boxes.map(boxText), // above the lines, which may pass behind a title
    '</svg>',
  ].join('\n')}\n`;
}

function styles(): readonly string[] {
  const fonts = Object.entries(FONTS).map(
    ([style, { size, isBold }]) =>
      `.${style}{font-size:${size}px${isBold ? ';font-weight:600' : ''}}`,
  );
  return [
    `text{font-family:${FONT_FAMILY};font-size:11px}`,
    ...fonts,
    'path{fill:none}',
    '.box,.final,.outcomes,.anywhere,.region{stroke-width:1.25}',
    '.region,.anywhere{stroke-dasharray:5 4}',
    '.line,.mark{stroke-width:1.4}',
    '.timed .line{stroke-dasharray:4 3}',
    ...colours(THEMES.light),
    '@media (prefers-color-scheme:dark){',
    ...colours(THEMES.dark),
    '}',
  ];
}

function colours(theme: Colours): readonly string[] {
  return [
    `.paper,.label{fill:${theme.paper}}`,
    `text{fill:${theme.ink}}`,
    `.note,.when{fill:${theme.muted}}`,
    `.arrow .when{fill:${theme.ink}}`,
    `.outcome,.listed{fill:${theme.bad}}`,
    `.box,.final,.anywhere{fill:${theme.box};stroke:${theme.border}}`,
    `.region{fill:${theme.inner};stroke:${theme.border}}`,
    `.outer{fill:${theme.outer}}`,
    `.inner{fill:${theme.inner}}`,
    `.outcomes{fill:${theme.badBox};stroke:${theme.badBorder}}`,
    `.line{stroke:${theme.line}}`,
    `.head{fill:${theme.line}}`,
    `.dot{fill:${theme.ink}}`,
    `.mark{stroke:${theme.bad}}`,
    `.mark.move{stroke:${theme.muted}}`,
    `.timed .when{fill:${theme.timed}}`,
  ];
}

function boxShape({
  path,
  kind,
  x,
  y,
  width,
  height,
  isCompound,
  depth,
  description,
}: PictureBox): string {
  const shade = isCompound ? ` ${depth === 0 ? 'outer' : 'inner'}` : '';
  const round = isCompound ? 10 : 7;
  const shape = `<rect class="${kind === 'state' ? 'box' : kind}${shade}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>`;
  const inside =
    kind === 'final'
      ? `<rect class="final" x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="5"/>`
      : '';
  const words = [path, description].filter((text) => text !== '').join(': ');
  return `<g><title>${escaped(words)}</title>${shape}${inside}</g>`;
}

function boxText({ texts, rows }: PictureBox): string {
  return `<g>${[...texts.map(textShape), ...rows.map(rowShape)].join('')}</g>`;
}

function rowShape({ kind, x, y, texts }: PlacedRow): string {
  const [left, middle] = [x + 6, y + 9];
  const marks = {
    move: `<path class="mark move" d="M${left} ${middle}h8m-3 -3l3 3l-3 3"/>`,
    waiting: '',
    outcome: cross(left, middle),
    listed: cross(left, middle),
  };
  const mark = marks[kind];
  return `${mark}${texts.map(textShape).join('')}`;
}

const cross = (left: number, middle: number): string =>
  `<path class="mark" d="M${left} ${middle - 3.5}l7 7m0 -7l-7 7"/>`;

function textShape({ x, y, text, style }: PlacedText): string {
  return `<text class="${style}" x="${x}" y="${y}">${escaped(text)}</text>`;
}

function startShape({ dot: [x, y], radius, points }: PictureStart): string {
  return `<circle class="dot" cx="${x}" cy="${y}" r="${radius}"/>${lineShape(points)}`;
}

function arrowShape({ points, isTimed }: PictureArrow): string {
  return `<g class="arrow${isTimed ? ' timed' : ''}">${lineShape(points)}</g>`;
}

function labelShape({ label, texts, isTimed }: PictureArrow): string {
  const { x, y, width, height } = label;
  const middle = x + width / 2;
  const lines = texts.map(
    (text) =>
      `<text class="when" x="${middle}" y="${text.y}" text-anchor="middle">${escaped(text.text)}</text>`,
  );
  return `<g class="arrow${isTimed ? ' timed' : ''}"><rect class="label" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>${lines.join('')}</g>`;
}

/** The line stops where its head begins. */
function lineShape(points: readonly Point[]): string {
  const [tip, before] = [points.at(-1)!, points.at(-2)!];
  const [dx, dy] = direction(before, tip);
  const end: Point = [tip[0] - dx * HEAD.length, tip[1] - dy * HEAD.length];
  const [wing, other] = [HEAD.half, -HEAD.half].map(
    (half): Point => [end[0] - dy * half, end[1] + dx * half],
  );
  const head = [tip, wing!, other!].map(pair).join('L');
  return `<path class="line" d="${bent([...points.slice(0, -1), end])}"/><path class="head" d="M${head}z"/>`;
}

/** Straight pieces with round corners. */
function bent(points: readonly Point[]): string {
  const corners = points.slice(1, -1).map((corner, index) => {
    const [before, after] = [points[index]!, points[index + 2]!];
    const radius = Math.min(BEND, distance(before, corner) / 2, distance(corner, after) / 2);
    const [inX, inY] = direction(before, corner);
    const [outX, outY] = direction(corner, after);
    const start: Point = [corner[0] - inX * radius, corner[1] - inY * radius];
    const stop: Point = [corner[0] + outX * radius, corner[1] + outY * radius];
    return `L${pair(start)}Q${pair(corner)} ${pair(stop)}`;
  });
  return `M${pair(points[0]!)}${corners.join('')}L${pair(points.at(-1)!)}`;
}

const distance = ([ax, ay]: Point, [bx, by]: Point): number => Math.hypot(bx - ax, by - ay);

function direction(from: Point, to: Point): Point {
  const length = distance(from, to) || 1;
  return [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
}

const pair = ([x, y]: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => ENTITIES[one]!);
