import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/api/options.ts';
import { VERSION } from '../../src/api/version.ts';

const manifest = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

test('the version is that of package.json', () => {
  expect(VERSION).toBe(manifest.version);
});

test('our name in Hello carries the version', () => {
  expect(DEFAULTS.name).toBe(`peerchart/${manifest.version}`);
});
