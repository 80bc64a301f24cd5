/**
 * How wide a text is at most, without a screen: the same on every computer, so that pictures are.
 * Generous enough for the widest sans-serif face that a system may put in place of those of `FONT_FAMILY`.
 */

/** The faces a picture asks for, first to last. */
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

/** How much wider than Helvetica the widest of the faces is: DejaVu Sans, by measurement in Chromium. */
const SLACK = 1.17;

/** Bold letters of that face against its regular ones. */
const BOLD = 1.14;

const widths = new Map(
  ADVANCES.flatMap(([characters, width]) => [...characters].map((one) => [one, width])),
);

/** In px, rounded up. `size` is the size of the font in px. */
export function textWidth(text: string, size: number, isBold = false): number {
  const thousandths = [...text].reduce((sum, one) => sum + (widths.get(one) ?? OTHER_ADVANCE), 0);
  return Math.ceil((thousandths / 1000) * size * SLACK * (isBold ? BOLD : 1));
}
