/**
 * `npm test`. Most files share a worker and what it has loaded: loading the sources again for each of 400 files took a
 * quarter of the time. A file that replaces a module must not meet one that is loaded already, so it gets its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const replacingModules = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => join('test', name))
  .filter((name) => name.endsWith('.test.ts') && readFileSync(name, 'utf8').includes('vi.mock('));

const maxWorkers = '100%'; // by default one core is left idle
const exclude = ['test/interop/**', 'test/browser/**', 'test/exhaustive/**'];

/** What the configurations of the other suites start from: every file has a worker of its own. */
export const base = defineConfig({
  root: import.meta.dirname,
  resolve: {
    alias: {
      'peerchart/inspect': new URL('./src/exports/inspect.ts', import.meta.url).pathname,
      'peerchart/machines': new URL('./src/exports/machines.ts', import.meta.url).pathname,
      'peerchart/testing': new URL('./src/exports/testing.ts', import.meta.url).pathname,
      'peerchart/wire': new URL('./src/exports/wire.ts', import.meta.url).pathname,
      peerchart: new URL('./src/exports/main.ts', import.meta.url).pathname,
    },
  },
  test: {
    include: ['test/**/*.test.ts', 'examples/*.test.ts'],
    exclude,
    setupFiles: ['test/support/no-leaks.ts'],
    testTimeout: 180_000, // against a hang; a busy machine must not break a test
    maxWorkers,
  },
});

const shared = {
  ...base.test,
  name: 'shared',
  isolate: false,
  exclude: [...exclude, ...replacingModules],
};
const replacing = { ...base.test, name: 'replacing modules', include: replacingModules };

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      { ...base, test: shared },
      { ...base, test: replacing },
    ],
  },
});
