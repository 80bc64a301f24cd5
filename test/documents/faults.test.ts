/** docs/faults.md says where each fault is shown to be survived; those files are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/faults.md', root), 'utf8');
const named = [...page.matchAll(/`((?:test|bench)\/[^` ]+)/g)].map(([, path]) => path!);

test('every file that the page names exists', () => {
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test('every scenario from 1 to 26 has its row', () => {
  const rows = [...page.matchAll(/^\| (\d+)(?:–(\d+))? \|/gm)].flatMap(([, from, to]) =>
    Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, i) => Number(from) + i),
  );
  expect(rows).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
});

test('every script of bench that is about faults is named', () => {
  const comparing = ['bench', 'compare', 'results'];
  const other = [
    'crawl',
    'child-server',
    'honest-peers',
    'inspect',
    'raw-remote',
    'smoke',
    'world',
  ];
  const scripts = readdirSync(new URL('bench/', root)).filter(
    (file) => ![...comparing, ...other].includes(file.replace('.mjs', '')),
  );
  expect(scripts.filter((file) => !named.includes(`bench/${file}`))).toEqual([]);
});
