import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { generatePages, purposeIn, stalePages, writePages } from '../../src/charts/write-charts.ts';

const MACHINES = new URL('../../src/machines/', import.meta.url);

const generated = await generatePages();

test('docs/statecharts is fresh; if not, run `npm run charts`', async () => {
  expect(await stalePages(generated)).toEqual([]);
});

test('every file that makes a machine has its page, its picture and its geometry', async () => {
  for (const file of await readdir(MACHINES, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const source = await readFile(new URL(file, MACHINES), 'utf8');
    for (const [, id] of source.matchAll(/createMachine\(\{\s*id: '([\w-]+)'/g))
      for (const kind of ['md', 'svg', 'json'])
        expect([...generated.keys()]).toContain(`${id}.${kind}`);
  }
  expect(generated.has('connection-setup.md')).toBe(true);
});

test('two runs write the same', async () => {
  expect(await generatePages()).toEqual(generated);
});

test('the purpose is the header of the file, without the line about its chart', () => {
  const source =
    '/**\n * Two lines\n * of prose. More.\n * Chart: docs/x.md\n */\nimport a;\n/** b */';
  expect(purposeIn(source)).toBe('Two lines of prose. More.');
  expect(purposeIn('/** One line. */\nexport {};')).toBe('One line.');
  expect(purposeIn('export {};')).toBe('');
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

  test('a folder that is not there is stale in every page', async () => {
    expect(await stalePages(pages, folder)).toEqual(['README.md', 'a.md']);
  });

  test('writes what is stale, once', async () => {
    expect(await writePages(pages, folder)).toEqual(['README.md', 'a.md']);
    expect(await readFile(new URL('a.md', folder), 'utf8')).toBe('a\n');
    expect(await writePages(pages, folder)).toEqual([]);
  });

  test('a page that was changed by hand is stale', async () => {
    await writePages(pages, folder);
    await writeFile(new URL('a.md', folder), 'b\n');
    expect(await stalePages(pages, folder)).toEqual(['a.md']);
  });

  test('the page of a machine that is gone is deleted, other files stay', async () => {
    await writePages(pages, folder);
    await writeFile(new URL('gone.md', folder), 'x');
    await writeFile(new URL('gone.svg', folder), 'x');
    await writeFile(new URL('gone.json', folder), 'x');
    await writeFile(new URL('notes.txt', folder), 'x');
    expect(await writePages(pages, folder)).toEqual(['gone.json', 'gone.md', 'gone.svg']);
    expect((await readdir(folder)).sort()).toEqual(['README.md', 'a.md', 'notes.txt']);
  });
});
