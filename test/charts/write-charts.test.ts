import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { generatePages, purposeIn, stalePages, writePages } from '../../src/charts/write-charts.ts';

const MACHINES = new URL('../../src/machines/', import.meta.url);

const generated = await generatePages();

test('a new run gives the files of docs/statecharts; if not, run `npm run charts`', async () => {
  expect(await stalePages(generated)).toEqual([]);
});

test('every file that creates a machine has its page, its picture and its geometry', async () => {
  const files = await readdir(MACHINES, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const source = await readFile(new URL(file, MACHINES), 'utf8');
    for (const [, id] of source.matchAll(/createMachine\(\{\s*id: '([\w-]+)'/g))
      for (const kind of ['md', 'svg', 'json'])
        expect([...generated.keys()]).toContain(`${id}.${kind}`);
  }
  expect(generated.has('connection-setup.md')).toBe(true);
});

test('the purpose is the header of the file without the notes about its chart and its length', () => {
  const source =
    '/**\n * Two lines\n * of prose. More.\n * Chart: docs/statecharts/x.md\n */\nimport a;\n/** b */';
  expect(purposeIn(source)).toBe('Two lines of prose. More.');
  expect(purposeIn('/** One line. */\nexport {};')).toBe('One line.');
  expect(purposeIn('export {};')).toBe('');
  const notes =
    '/**\n * One. Longer than 400 lines: a chart\n * is one table. Two.\n * Drawn in docs/statecharts/x.md\n */';
  expect(purposeIn(notes)).toBe('One. Two.');
});

describe('writing', () => {
  const pages = new Map([
    ['README.md', 'index\n'],
    ['a.md', 'a\n'],
  ]);
  let path = '';
  let folder: URL;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'charts-'));
    folder = pathToFileURL(`${path}/pages/`);
  });
  afterEach(() => rm(path, { recursive: true }));

  test('every page of a missing folder is stale', async () => {
    expect(await stalePages(pages, folder)).toEqual(['README.md', 'a.md']);
  });

  test('only stale pages are written', async () => {
    expect(await writePages(pages, folder)).toEqual(['README.md', 'a.md']);
    expect(await readFile(new URL('a.md', folder), 'utf8')).toBe('a\n');
    expect(await writePages(pages, folder)).toEqual([]);
  });

  test('a page that was changed by hand is stale', async () => {
    await writePages(pages, folder);
    await writeFile(new URL('a.md', folder), 'b\n');
    expect(await stalePages(pages, folder)).toEqual(['a.md']);
  });

  test('the files of a removed machine are deleted, other files stay', async () => {
    await writePages(pages, folder);
    await writeFile(new URL('gone.md', folder), 'x');
    await writeFile(new URL('gone.svg', folder), 'x');
    await writeFile(new URL('gone.json', folder), 'x');
    await writeFile(new URL('notes.txt', folder), 'x');
    expect(await writePages(pages, folder)).toEqual(['gone.json', 'gone.md', 'gone.svg']);
    expect((await readdir(folder)).sort()).toEqual(['README.md', 'a.md', 'notes.txt']);
  });
});
