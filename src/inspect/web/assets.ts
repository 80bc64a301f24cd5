/**
 * The files of the page, read once. A requested path is looked up among them and never used as a file path. Access is
 * checked elsewhere.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export type Asset = {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
};

/** By path, such as `/assets/page-1a2b3c.js`; the page itself is `/`. */
export type Assets = ReadonlyMap<string, Asset>;

/** Where the build puts the page: the same from `src` and from `dist`. */
export const PAGE_FOLDER = new URL('../../../dist/inspect/page/', import.meta.url);

/** Files with other extensions are not served. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.woff2', 'font/woff2'],
]);

/** @returns an empty map when the page is not built. */
export function readAssets(folder: URL): Assets {
  const assets = new Map<string, Asset>();
  for (const name of namesIn(folder)) {
    const type = TYPES.get(extname(name));
    if (type === undefined) continue;
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
    const gzipped = new Uint8Array(gzipSync(bytes));
    assets.set(name === 'index.html' ? '/' : `/${name}`, { type, bytes, gzipped });
  }
  return assets;
}

/** @param accepted The `Accept-Encoding` header. */
export function assetResponse(asset: Asset, accepted: string | undefined): Response {
  const takesGzip = /(?:^|,)\s*gzip\s*(?:,|$)/i.test(accepted ?? '');
  return new Response(takesGzip ? asset.gzipped : asset.bytes, {
    headers: {
      'Content-Type': asset.type,
      Vary: 'Accept-Encoding',
      ...(takesGzip && { 'Content-Encoding': 'gzip' }),
    },
  });
}

/** Relative paths of its files, with `/` as the separator. */
function namesIn(folder: URL): readonly string[] {
  try {
    return readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
