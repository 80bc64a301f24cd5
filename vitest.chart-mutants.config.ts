import { defineConfig } from 'vitest/config';

/** The machines of `src` get an XState that leaves out what `test/mutants/run-chart-mutants.mjs` says. */
export default defineConfig({
  plugins: [
    {
      name: 'xstate-without',
      enforce: 'pre',
      resolveId: (source, importer) =>
        source === 'xstate' && importer?.includes('/src/machines/')
          ? new URL('./test/mutants/xstate-without.ts', import.meta.url).pathname
          : undefined,
    },
  ],
  resolve: { alias: { peerchart: new URL('./src/exports/main.ts', import.meta.url).pathname } },
  test: {
    include: ['test/mutants/removed-parts.ts'],
    setupFiles: ['test/support/no-leaks.ts'],
    testTimeout: 20_000,
    isolate: false,
    maxWorkers: 1,
  },
});
