/**
 * A picture as SVG text, light or dark by the reader's colour scheme.
 * Made for `<img>`: no script, no fonts to load, no references to other files.
 */
import { arrowPath } from './arrow-path.ts';
import { FONTS, type PlacedRow, type PlacedText } from './box-layout.ts';
import type { Point } from './elk-layout.ts';
import type { Picture, PictureArrow, PictureBox, PictureStart } from './picture.ts';
import { FONT_FAMILY } from './text-width.ts';
import { allUnfolded, shownRows } from './unfold.ts';

/** Colours by theme. The contrast of every text to every possible background is at least 4.5 : 1. */
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

/** With all its boxes unfolded. */
export function svg(picture: Picture): string {
  const { id, width, height, boxes, arrows, starts } = allUnfolded(picture);
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
    ...boxes.map(boxText), // above the lines, which may cross a box under its title
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
  const text = [path, description].filter((text) => text !== '').join(': ');
  return `<g><title>${escaped(text)}</title>${shape}${inside}</g>`;
}

function boxText(box: PictureBox): string {
  const rows = shownRows(box).map(([, row]) => rowShape(row));
  return `<g>${[...box.texts.map(textShape), ...rows].join('')}</g>`;
}

function rowShape({ kind, x, y, texts }: PlacedRow): string {
  const [left, middle] = [x + 6, y + 9];
  const symbols = {
    move: `<path class="mark move" d="M${left} ${middle}h8m-3 -3l3 3l-3 3"/>`,
    waiting: '',
    outcome: cross(left, middle),
    listed: cross(left, middle),
  };
  const symbol = symbols[kind];
  return `${symbol}${texts.map(textShape).join('')}`;
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

function lineShape(points: readonly Point[]): string {
  const { line, head } = arrowPath(points);
  return `<path class="line" d="${line}"/><path class="head" d="${head}"/>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => ENTITIES[one]!);
