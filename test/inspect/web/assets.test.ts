import { mkdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { assetResponse, readAssets } from '../../../src/inspect/web/assets.ts';
import { scratch } from '../../cli/scratch.ts';
import { someSite } from './page-server-fixture.ts';

async function folderWith(files: Readonly<Record<string, string>>): Promise<URL> {
  const folder = await scratch();
  await mkdir(`${folder}/assets`, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text);
  return pathToFileURL(`${folder}/`);
}

const PAGE = {
  'index.html': '<!doctype html>',
  'assets/page-1a.js': 'go();',
  'assets/page-1a.css': 'a{}',
  'assets/chart.json': '{}',
  'assets/icon.svg': '<svg/>',
};

test('each file has its path and its exact type', async () => {
  const assets = readAssets(await folderWith(PAGE));
  expect([...assets].map(([path, { type }]) => [path, type])).toEqual([
    ['/assets/chart.json', 'application/json'],
    ['/assets/icon.svg', 'image/svg+xml'],
    ['/assets/page-1a.css', 'text/css; charset=utf-8'],
    ['/assets/page-1a.js', 'text/javascript; charset=utf-8'],
    ['/', 'text/html; charset=utf-8'],
  ]);
});

test('files with other extensions are not served', async () => {
  const assets = readAssets(await folderWith({ 'a.map': '', 'b.ts': '', c: '', '.npmrc': '' }));
  expect([...assets.keys()]).toEqual([]);
});

test('a page that is not built has no files', () => {
  expect(readAssets(new URL('file:///nowhere/at/all/')).size).toBe(0);
});

test('a path that is no folder is an error', async () => {
  const folder = await folderWith(PAGE);
  expect(() => readAssets(new URL('index.html/', folder))).toThrow('ENOTDIR');
});

test.for<[string | undefined, boolean]>([
  ['gzip, deflate, br', true],
  ['br,GZIP', true],
  ['gzip', true],
  [undefined, false],
  ['', false],
  ['br', false],
  ['gzip;q=0', false],
  ['xgzip', false],
])(
  'with Accept-Encoding %s it is sent compressed: %s',
  async ([accepted, isZipped], { expect }) => {
    const asset = readAssets(await folderWith(PAGE)).get('/assets/page-1a.js')!;
    const answer = assetResponse(asset, accepted);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(answer.headers.get('content-encoding')).toBe(isZipped ? 'gzip' : null);
    expect(answer.headers.get('vary')).toBe('Accept-Encoding');
    expect(String(isZipped ? gunzipSync(bytes) : Buffer.from(bytes))).toBe('go();');
  },
);

test('a browser gets these files and no others', async () => {
  const folder = await folderWith(PAGE);
  const { ask } = await someSite({ assets: readAssets(folder) });
  const { status, headers, body } = await ask('/assets/page-1a.js');
  expect([status, body]).toEqual([200, 'go();']);
  expect(headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': '5',
  });
  expect((await ask('/assets/page-1a.js', { method: 'HEAD' })).body).toBe('');
  for (const path of ['/assets', '/assets/', '/assets/..%2findex.html', '/index.html'])
    expect((await ask(path)).status).toBe(404);
});
