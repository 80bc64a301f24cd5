/** The Markdown blocks that pages consist of. Arguments are Markdown already and are not escaped. */

export const heading = (level: 1 | 2 | 3, text: string): string => `${'#'.repeat(level)} ${text}`;

export const fence = (language: string, text: string): string =>
  `\`\`\`${language}\n${text}\n\`\`\``;

/** Empty cells become a dash; line breaks and `|` in a cell are replaced, so that a row stays one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** The text of a file: blocks with a blank line between them, empty blocks left out. */
export const document = (blocks: readonly string[]): string =>
  `${blocks.filter((block) => block !== '').join('\n\n')}\n`;

const inCell = (text: string): string =>
  text === '' ? '–' : text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
