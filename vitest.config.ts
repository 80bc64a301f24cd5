import { defineConfig } from 'vitest/config';

export default defineConfig({
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
    exclude: ['test/interop/**', 'test/browser/**', 'test/exhaustive/**'],
    setupFiles: ['test/support/no-leaks.ts'],
    testTimeout: 180_000, // against a hang; a busy machine must not break a test
    maxWorkers: '100%', // by default one core is left idle
  },
});
