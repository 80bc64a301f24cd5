/** Makes text from remotes safe for logs and terminals. Quoting is left to the writer of the line. */

/**
 * Control, format, surrogate, private and unassigned characters, the two Unicode line breaks, and characters that are
 * not displayed, such as variation selectors and Hangul fillers (P16).
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const EACH_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');

const ELLIPSIS = '…';

/**
 * Escapes as `\u{…}` every character that a terminal may interpret, that breaks a line or that is not displayed.
 * Returns at most `maxChars` UTF-16 units, the ellipsis of a truncated text included; no escape or character is cut in
 * half. The work is bounded by the output.
 */
export function printable(text: string, maxChars = 128): string {
  let shown = '';
  let beforeEllipsis = '';
  for (const character of text) {
    shown += UNPRINTABLE.test(character) ? escaped(character) : character;
    if (shown.length > maxChars) return beforeEllipsis + ELLIPSIS;
    if (shown.length < maxChars) beforeEllipsis = shown;
  }
  return shown;
}

/** Escapes in every line of a text, and cuts nothing. */
export const printableLines = (text: string): string => text.split('\n').map(uncut).join('\n');

/** Escapes in every string of a value, deep, and cuts nothing. Property names are kept. */
export function printableStrings<Value>(value: Value): Value {
  if (typeof value === 'string') return uncut(value) as Value;
  if (Array.isArray(value)) return value.map(printableStrings) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, printableStrings(item)]);
  return Object.fromEntries(entries) as Value;
}

/** JSON of the same value, in one line, with `\uXXXX` for each of these characters. @param value Not undefined. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(EACH_UNPRINTABLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

const uncut = (text: string): string => printable(text, Number.POSITIVE_INFINITY);

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
