/**
 * An upper limit for the width of a text, computed from a table, so that pictures are the same on every computer.
 * Large enough for the widest sans-serif font that a system may use instead of those in `FONT_FAMILY`.
 */

/** The fonts of a picture, in order of preference. */
export const FONT_FAMILY = 'Inter, "Helvetica Neue", Arial, "Liberation Sans", sans-serif';

/** Advance widths of Helvetica in thousandths of the font size. */
const ADVANCES: readonly (readonly [characters: string, width: number])[] = [
  ["ijl|'", 222],
  ['ftI.,:;!/\\ ()[]-r', 333],
  ['cksvxyzJ', 500],
  ['abdeghnopquL0123456789_$?#', 556],
  ['FTZ+=<>', 611],
  ['ABEKPSVXY&', 667],
  ['wCDHNRU', 722],
  ['GOQ', 778],
  ['mM', 833],
  ['W@…→✕', 1000],
];

/** For a character that is not in the table. */
const OTHER_ADVANCE = 700;

/** Width of the widest font, DejaVu Sans, relative to Helvetica; measured in Chromium. */
const SLACK = 1.17;

/** Width of bold letters of that font relative to its regular ones. */
const BOLD = 1.14;

const widths = new Map(
  ADVANCES.flatMap(([characters, width]) => [...characters].map((one) => [one, width])),
);

/** @param size Font size in px. @returns Width in px, rounded up. */
export function textWidth(text: string, size: number, isBold = false): number {
  const thousandths = [...text].reduce((sum, one) => sum + (widths.get(one) ?? OTHER_ADVANCE), 0);
  return Math.ceil((thousandths / 1000) * size * SLACK * (isBold ? BOLD : 1));
}
