/** Text from strangers, made safe for logs and terminals. Quoting is left to whoever writes the line. */

/** Control, format, surrogate, private and unassigned characters, and the two Unicode line breaks (P16). */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

const ELLIPSIS = '…';

/**
 * Escapes as `\u{…}` what a terminal might obey or a log might break at. At most `maxChars` UTF-16 units come
 * out, the ellipsis of a cut text included; no escape and no character is cut in half. Work ends with the output.
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
