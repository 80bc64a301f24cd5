/** Positions inside one box of a picture: title, notes, rows. All lengths are px. */
import type { Line, Row, SketchBox } from './sketch.ts';
import { textWidth } from './text-width.ts';

/** Font sizes in px, by kind of text. */
export const FONTS = {
  title: { size: 13, isBold: true },
  note: { size: 11, isBold: false },
  outcome: { size: 12, isBold: true },
  move: { size: 12, isBold: true },
  listed: { size: 12, isBold: false },
  waiting: { size: 12, isBold: false },
  when: { size: 11, isBold: false },
} as const;

type TextStyle = keyof typeof FONTS;

/** `x` is the left end, `y` the base line, `width` an upper limit. */
export type PlacedText = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
  readonly style: TextStyle;
};

export type PlacedRow = {
  readonly kind: Row['kind'];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly texts: readonly PlacedText[];
  readonly lines: readonly Line[];
};

/** Contents of a box whose top left corner is 0, 0. */
export type BoxContent = {
  readonly texts: readonly PlacedText[];
  readonly rows: readonly PlacedRow[];
  /** Smallest size of a box that holds these texts, without the rows of a folded box. */
  readonly width: number;
  readonly height: number;
};

/** Between the border and the contents. */
const PADDING = 12;
const TITLE_HEIGHT = 28;
const NOTE_HEIGHT = 15;
const LINE_HEIGHT = 17;
/** From the top of a line to its base line. */
const BASE_LINE = 13;
/** Width of the symbol in front of a row. */
const MARK = 16;
/** Between the title of a row and its condition. */
const GAP = 12;
/** Space at the end of a row for the count that the inspector's page shows. */
const COUNT = 30;

/** Above the first row, and below the last. */
const ABOVE_ROWS = 4;
export const BELOW_ROWS = 8;

export const LABEL_LINE_HEIGHT = 14;

export function contentOf({ kind, title, notes, rows }: SketchBox): BoxContent {
  const isFolded = kind === 'outcomes';
  const head = TITLE_HEIGHT + notes.length * NOTE_HEIGHT;
  const texts = [
    ...(isFolded ? foldedTitle(title, rows.length) : [text(title, 'title', PADDING, 19)]),
    ...notes.map((note, index) =>
      text(note, 'note', PADDING, TITLE_HEIGHT + 8 + index * NOTE_HEIGHT),
    ),
  ];
  const conditionX =
    PADDING + MARK + GAP + widest(rows.map((row) => text(row.title, row.kind, 0, 0)));
  const placed: PlacedRow[] = [];
  let y = head + (rows.length > 0 ? ABOVE_ROWS : 0);
  for (const row of rows) {
    placed.push(placedRow(row, conditionX, y));
    y += placed.at(-1)!.height;
  }
  if (isFolded) y = head;
  const titleEnd = Math.max(...texts.map(rightEnd)) + (isFolded ? COUNT : 0);
  const width = Math.max(titleEnd, ...placed.map(({ width }) => width)) + PADDING;
  return {
    texts,
    rows: placed.map((row) => ({ ...row, width: width - 2 * row.x })),
    width,
    height: y + (!isFolded && (rows.length > 0 || notes.length > 0) ? BELOW_ROWS : 4),
  };
}

/** Beside the symbol that unfolds the box, above the titles of its rows. */
function foldedTitle(title: string, count: number): readonly PlacedText[] {
  const name = text(title, 'title', PADDING + MARK, 19);
  return [name, text(`${count} reasons`, 'note', rightEnd(name) + GAP, 19)];
}

/** Size of an arrow's label. */
export function labelSize(lines: readonly Line[]): {
  readonly width: number;
  readonly height: number;
} {
  return {
    width: widest(lines.map((line) => text(line.text, 'when', 0, 0))) + 10,
    height: lines.length * LABEL_LINE_HEIGHT + 4,
  };
}

function placedRow(row: Row, conditionX: number, y: number): PlacedRow {
  const base = (index: number): number => y + BASE_LINE + index * LINE_HEIGHT;
  const texts = [
    text(row.title, row.kind, PADDING + MARK, base(0)),
    ...row.lines.map((line, index) => text(line.text, 'when', conditionX, base(index))),
  ];
  return {
    kind: row.kind,
    x: PADDING / 2,
    y,
    width: Math.max(...texts.map(rightEnd)) + COUNT,
    height: Math.max(1, row.lines.length) * LINE_HEIGHT,
    texts,
    lines: row.lines,
  };
}

function text(content: string, style: TextStyle, x: number, y: number): PlacedText {
  const { size, isBold } = FONTS[style];
  return { x, y, width: textWidth(content, size, isBold), text: content, style };
}

const rightEnd = ({ x, width }: PlacedText): number => x + width;

const widest = (texts: readonly PlacedText[]): number =>
  Math.max(0, ...texts.map(({ width }) => width));
