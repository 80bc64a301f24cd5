/** Tests on sources from which one removal of `test/mutants/source-removals.ts` is taken out: the one in `REMOVAL`, as JSON. */
import { defineConfig, mergeConfig } from 'vitest/config';

import type { SourceRemoval } from './test/mutants/source-removals.ts';
import { base as config } from './vitest.config.ts';

const root = new URL('./', import.meta.url).pathname;
const removal = JSON.parse(process.env['REMOVAL'] ?? 'null') as SourceRemoval | null;

export default mergeConfig(
  config,
  defineConfig({
    plugins: [
      {
        name: 'source-removal',
        enforce: 'pre',
        transform(code, path) {
          if (!removal || path.split('?')[0] !== root + removal.file) return null;
          const { start, end, replacement } = removal;
          return { code: code.slice(0, start) + replacement + code.slice(end), map: null };
        },
      },
    ],
    test: { bail: 1, maxWorkers: 1, testTimeout: 20_000, hookTimeout: 20_000 },
  }),
);
