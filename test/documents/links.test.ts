/** What pages point to exists: links, headings, files of this repository, and scripts of package.json. */
import { existsSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, filesBelow, pages, proseOf, ROOT, read } from './pages.ts';

const manifest = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Scripts that npm runs without `run`. */
const DIRECT = ['start', 'test'];

test.for(pages)('$path links to what exists', (page) => {
  const links = [
    ...[...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!),
    ...[...proseOf(page).matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, target]) => target!),
  ].filter((target) => !/^https?:/.test(target));
  expect(links.filter((target) => !leadsSomewhere(page.path, target))).toEqual([]);
});

test.for(pages)('$path names files and folders that exist', (page) => {
  const named = [...proseOf(page).matchAll(/`((?:src|test|bench|examples|docs)\/[^`*<… ]*)`/g)];
  const missing = named.map(([, path]) => path!).filter((path) => !existsSync(new URL(path, ROOT)));
  expect(missing).toEqual([]);
});

test.for(pages)('$path names scripts that package.json has', (page) => {
  const named = [...page.text.matchAll(/\bnpm (run )?([a-z][a-z:-]*)/g)]
    .filter(([, run, name]) => run !== undefined || DIRECT.includes(name!))
    .map(([, , name]) => name!);
  expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test('shell blocks run nothing but npm scripts, npx and our own command', () => {
  const lines = pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ info }) => info === 'sh')
      .flatMap(({ code }) => code.trim().split('\n'))
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
  expect(lines.length).toBeGreaterThan(5);
  const commands = lines.flatMap((line) => line.replace(/#.*/, '').split('&&'));
  const known =
    /^(npm (ci|start|test|run [a-z:-]+|install peerchart)|npx (peerchart|vitest run) |node (bench|examples)\/)/;
  expect(commands.filter((command) => !known.test(`${command.trim()} `))).toEqual([]);
});

/** Whether a link of this page has a file, and a heading when it names one. */
function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : new URL(path, new URL(from, ROOT)).href.slice(ROOT.href.length);
  if (!existsSync(new URL(file, ROOT))) return false;
  return anchor === undefined || anchorsOf(read(file)).includes(anchor);
}

/** As GitHub makes them: lower case, spaces to hyphens, punctuation left out. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('pictures of the pages are small', () => {
  const pictures = filesBelow('docs', /\.png$/);
  expect(pictures.length).toBe(3);
  for (const path of pictures) expect(statSync(path).size, path).toBeLessThan(200 * 1024);
});
