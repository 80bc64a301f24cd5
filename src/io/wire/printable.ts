/** Makes text from remotes safe for logs and terminals. Quoting is left to the writer of the line. */

/** Control, format, surrogate, private and unassigned characters, and the two Unicode line breaks (P16). */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

const ELLIPSIS = '…';

/**
 * Escapes as `\u{…}` every character that a terminal may interpret or that breaks a line. Returns at most `maxChars`
 * UTF-16 units, the ellipsis of a truncated text included; no escape or character is cut in half. The work is bounded
 * by the output.
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

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
