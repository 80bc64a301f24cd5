/** What a row of a chart stands for, and the symbols in front of rows as SVG path data. */
import type { PictureBox } from '../../../charts/picture.ts';

type Row = PictureBox['rows'][number];

/** The symbol of a kind of row; null for none. @param x Its left end. @param y Its middle. */
export function markAt(kind: Row['kind'], x: number, y: number): string | null {
  if (kind === 'move') return `M${x} ${y}h8m-3 -3l3 3l-3 3`;
  return kind === 'waiting' ? null : `M${x} ${y - 3.5}l7 7m0 -7l-7 7`;
}

/** Points down when the box is open, to the right otherwise. */
export const caretAt = (x: number, y: number, isOpen: boolean): string =>
  isOpen ? `M${x} ${y - 2}l4 4.5l4 -4.5` : `M${x + 2} ${y - 4}l4.5 4l-4.5 4`;

/** The state a row stands for or leads to; for several targets their common parent. */
export function stateOf(path: string, { kind, texts, lines }: Row): string {
  if (kind === 'listed' || kind === 'waiting')
    return [path, texts[0]!.text].filter(Boolean).join('.');
  const targets = [
    ...new Set(lines.flatMap(({ transitions }) => transitions.map(({ target }) => target))),
  ];
  const [first = '', ...others] = targets;
  if (others.length === 0) return first;
  const shared = first.split('.').filter((_, index, names) => {
    const prefix = `${names.slice(0, index + 1).join('.')}.`;
    return others.every((other) => other.startsWith(prefix));
  });
  return shared.join('.');
}
