/**
 * A chart as Mermaid text with its active states marked, to paste into an issue. It has the boxes and arrows of the
 * picture; rows of outcomes become notes of their box.
 */
import type { Picture, PictureArrow } from '../../../charts/picture.ts';

/** Most outcomes in one note. Ours; a longer note is larger than its chart. */
const MAX_OUTCOMES = 8;

export function mermaidOf(picture: Picture, active: ReadonlySet<string>): string {
  const { boxes, arrows, starts } = picture;
  const inner = new Map<string, string[]>();
  for (const { path } of boxes) {
    const parent = parentIn(picture, path);
    inner.set(parent, [...(inner.get(parent) ?? []), path]);
  }
  const within = (parent: string, indent: string): readonly string[] => {
    const paths = inner.get(parent) ?? [];
    const begins = starts.filter(({ to }) => paths.includes(to));
    const isParallel = paths.some((path) => kindOf(picture, path) === 'region');
    return [
      ...begins.map(({ to }) => `${indent}[*] --> ${idOf(to)}`),
      ...paths.flatMap((path, place) => [
        ...(isParallel && place > 0 ? [`${indent}--`] : []),
        ...block(path, indent),
      ]),
    ];
  };
  const block = (path: string, indent: string): readonly string[] => {
    const head = `${indent}state "${label(path.split('.').at(-1)! || 'any state')}" as ${idOf(path)}`;
    if (!inner.has(path)) return [head];
    return [`${head} {`, ...within(path, `${indent}  `), `${indent}}`];
  };
  const marked = boxes.map(({ path }) => path).filter((path) => active.has(path));
  return [
    'stateDiagram-v2',
    '  direction TB',
    ...within(TOP, '  '),
    ...[...arrows, ...jumps(picture)].map(
      ({ from, to, lines }) =>
        `  ${idOf(from)} --> ${idOf(to)} : ${lines.map(({ text }) => label(text)).join('<br/>')}`,
    ),
    ...notes(picture),
    ...(marked.length > 0
      ? ['  classDef active stroke:#0b62d6,stroke-width:3px', `  class ${marked.map(idOf)} active`]
      : []),
    '',
  ].join('\n');
}

/** Rows of the picture that stand for a long arrow. Mermaid cannot draw those from a box to one inside it. */
function jumps(picture: Picture): readonly Pick<PictureArrow, 'from' | 'to' | 'lines'>[] {
  const has = (path: string): boolean => picture.boxes.some((box) => box.path === path);
  return picture.boxes.flatMap(({ path: from, rows }) =>
    rows.flatMap(({ kind, lines }) => {
      const target = lines[0]?.transitions[0]?.target ?? '';
      const to = has(target) ? target : parentIn(picture, target);
      const isNested = `${from}.`.startsWith(`${to}.`) || `${to}.`.startsWith(`${from}.`);
      return kind !== 'move' || isNested || !has(to) ? [] : [{ from, to, lines }];
    }),
  );
}

/** Parent of the outermost boxes; not a path of a state. */
const TOP = '/';

/** The innermost box around it. */
function parentIn({ boxes }: Picture, path: string): string {
  const outer = boxes
    .map((box) => box.path)
    .filter((other) => other !== '' && path.startsWith(`${other}.`));
  return outer.sort((a, b) => b.length - a.length)[0] ?? TOP;
}

const kindOf = ({ boxes }: Picture, path: string) => boxes.find((box) => box.path === path)?.kind;

const idOf = (path: string): string => `s_${path.replace(/[^A-Za-z0-9]/g, '_')}`;

/** Without characters that are Mermaid syntax. */
const label = (text: string): string =>
  text
    .replace(/[^\p{L}\p{N} ._,()[\]/→…-]/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();

function notes({ boxes }: Picture): readonly string[] {
  return boxes.flatMap(({ path, rows }) => {
    const ends = rows.filter(({ kind }) => kind === 'outcome' || kind === 'listed');
    if (ends.length === 0) return [];
    const titles = ends.slice(0, MAX_OUTCOMES).map(({ texts }) => label(texts[0]?.text ?? ''));
    const more = ends.length > MAX_OUTCOMES ? [`and ${ends.length - MAX_OUTCOMES} more`] : [];
    return [
      `  note right of ${idOf(path)}`,
      ...[...titles.map((title) => `ends in ${title}`), ...more].map((line) => `    ${line}`),
      '  end note',
    ];
  });
}
