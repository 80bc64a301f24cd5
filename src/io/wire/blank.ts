/** Refuses blanks in texts that have none, such as URLs: one is often copied along, and cannot be seen in an error. */

/** A character that no URL has. */
const BLANK_OR_FOREIGN = /[^\x21-\x7e]/u;
const BLANKS: Readonly<Record<string, string>> = {
  ' ': 'a space',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a carriage return',
};

/**
 * @param what What the text is, for the message.
 * @throws {TypeError} The message has the name and the place of the first character that is not printable ASCII.
 */
export function requireNoBlanks(what: string, text: string): void {
  const found = BLANK_OR_FOREIGN.exec(text);
  if (!found) return;
  const [character] = found;
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = BLANKS[character] ?? 'a character that is not printable ASCII';
  const behind = found.index + character.length;
  const place =
    text.slice(behind).trim() === '' && found.index > 0
      ? 'at its end'
      : found.index === 0
        ? 'at its beginning'
        : `as character ${found.index + 1}`;
  throw new TypeError(`${what} expected no blanks, got ${name} (${code}) ${place}`);
}
