/** `npm run traffic`: minutes of traffic with another implementation, nearly all of them waiting. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/interop/traffic/**/*.test.ts'],
    globalSetup: ['test/interop/build-peers.ts'],
    testTimeout: 900_000,
    hookTimeout: 60_000,
  },
});
