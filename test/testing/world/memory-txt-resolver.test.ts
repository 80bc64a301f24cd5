import { expect, test } from 'vitest';

import { memoryTxtResolver } from '../../../src/testing/world/memory-txt-resolver.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';

function resolving(name: string) {
  const clock = new VirtualClock();
  const cancelled = new AbortController();
  const resolve = memoryTxtResolver(clock, new Map([['b.example', 'enr:']]));
  return { clock, cancelled, answer: resolve(name, { signal: cancelled.signal }) };
}

test('only names in the map have a TXT record', async () => {
  const known = resolving('b.example');
  known.clock.advance(0);
  expect(await known.answer).toEqual([['enr:']]);
  const unknown = resolving('c.example');
  unknown.clock.advance(0);
  await expect(unknown.answer).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('a cancelled query leaves no timer', () => {
  const { clock, cancelled } = resolving('b.example');
  cancelled.abort();
  expect(clock.pending).toBe(0);
});
