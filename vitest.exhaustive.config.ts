/** The suites that try everything where `npm test` tries a sample, and those that are too slow for it. */
import { defineConfig, mergeConfig } from 'vitest/config';

import { base as config } from './vitest.config.ts';

export default mergeConfig(
  { ...config, test: { ...config.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: [
        'test/exhaustive/**/*.test.ts',
        'test/fuzz/corpus.test.ts',
        'test/io/adapters/level-database.test.ts',
        'test/machines/discovery/eclipse.test.ts',
        'test/machines/server/server-invariants.test.ts',
        'test/scenarios/crossed-dials.test.ts',
        'test/scenarios/handshake-cuts.test.ts',
        'test/scenarios/handshake-flips.test.ts',
        'test/scenarios/world-discovery.test.ts',
        'test/scenarios/world-fifty.test.ts',
        'test/server/live-connections.test.ts',
        'test/world-seeds/*.test.ts',
      ],
      env: { EXHAUSTIVE: 'yes' },
      testTimeout: 180_000, // against a hang; a busy machine must not break a test
    },
  }),
);
