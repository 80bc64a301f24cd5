/** The little Markdown that pages need. Texts are Markdown already. */

export const heading = (level: 1 | 2 | 3, text: string): string => `${'#'.repeat(level)} ${text}`;

export const fence = (language: string, text: string): string =>
  `\`\`\`${language}\n${text}\n\`\`\``;

/** An empty cell becomes a dash; a cell never breaks its row. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** One file: blocks with a blank line between them. */
export const document = (blocks: readonly string[]): string =>
  `${blocks.filter((block) => block !== '').join('\n\n')}\n`;

const inCell = (text: string): string =>
  text === '' ? '–' : text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
