/**
 * `npm run primitives`: the suites in which primitives do the work, once with each set; `-- --project node` takes one.
 * `npm test` runs them with the default set, and compares the implementations with each other.
 */
import { defineConfig } from 'vitest/config';

import { base } from './vitest.config.ts';

const include = [
  'test/io/crypto/{discv5-handshake,ecies,enode,frame-mac,handshake-packet,node-key,public-key,rlpx-*}.test.ts',
  'test/io/discovery/discv5-conformance.test.ts',
  'test/io/link/*.test.ts',
  'test/fuzz/corpus.test.ts',
  'test/scenarios/handshake-herds.test.ts',
  'test/scenarios/pair.test.ts',
  'test/scenarios/peer-quirks.test.ts',
  'test/scenarios/wire-*.test.ts',
  'test/server.test.ts',
  'test/interop/primitives.test.ts',
];

const projects = ['default', 'node', 'portable'].map((name) => ({
  ...base,
  test: {
    ...base.test,
    ...{ name, include, exclude: [], isolate: false },
    env: { PEERCHART_PRIMITIVES: name },
  },
}));

export default defineConfig({ test: { maxWorkers: '100%', projects } });
