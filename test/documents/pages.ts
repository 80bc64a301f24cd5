/** The pages that people write, with their links and code blocks. Generated pages are left to test/charts. */
import { readdirSync, readFileSync } from 'node:fs';

export const ROOT = new URL('../../', import.meta.url);

export type Page = { readonly path: string; readonly text: string };

/** A fenced block. `info` is what stands behind the three backticks, such as `ts run`. */
export type Block = { readonly line: number; readonly info: string; readonly code: string };

export const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Markdown in the root and in docs. */
export const pages: readonly Page[] = ['', 'docs/'].flatMap((folder) =>
  readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ path: `${folder}${name}`, text: read(`${folder}${name}`) })),
);

export function pageAt(path: string): Page {
  const page = pages.find((one) => one.path === path);
  if (!page) throw new Error(`there is no ${path}`);
  return page;
}

export function blocksOf({ text }: Page): readonly Block[] {
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: info = '', 2: code = '' }) => ({
      line: text.slice(0, index).split('\n').length,
      info: info.trim(),
      code,
    }),
  );
}

/** Everything but fenced blocks. */
export const proseOf = ({ text }: Page): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** Files below a folder of the repository, as paths from its root. */
export function filesBelow(folder: string, name: RegExp): readonly string[] {
  return readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(ROOT.pathname.length))
    .sort();
}
