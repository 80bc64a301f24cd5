/** The README is short, and what it states is so. */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/api/options.ts';
import {
  FAILURES,
  REFUSALS,
  REJECTIONS,
} from '../../src/machines/connection/connection-endings.ts';
import { pageAt, read } from './pages.ts';

const readme = pageAt('README.md').text;
const manifest = JSON.parse(read('package.json')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

test('it has about 8 KB', () => {
  expect(new TextEncoder().encode(readme).length).toBeLessThan(9_000);
});

test('it says how many ways a connection has to end', () => {
  const ways = [REJECTIONS, REFUSALS, FAILURES].flatMap((table) => Object.keys(table)).length;
  expect(readme).toContain(`${ways} ways to end`);
});

test('our name in Hello has the version of the package', () => {
  expect(DEFAULTS.name).toBe(`peerchart/${manifest.version}`);
});

test('every runtime dependency has its reason', () => {
  const [, section = ''] = pageAt('ARCHITECTURE.md').text.split('## Dependencies\n');
  for (const name of Object.keys(manifest.dependencies)) expect(section).toContain(name);
});
