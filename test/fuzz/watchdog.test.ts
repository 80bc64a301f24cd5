/** The watchdog barks: what follows is broken on purpose. */
import { expect, test } from 'vitest';

import type { Target } from './target.ts';
import { MAX_INPUT_MS, settledHeap, threadMs, Watchdog } from './watchdog.ts';

const watching = (run: Target['run'], extraBytes = 0): Watchdog =>
  new Watchdog({
    name: 'planted',
    maxBytes: 8,
    seeds: () => [],
    run,
    extraBytes: () => extraBytes,
  });

const INPUT = new Uint8Array(8);

/** Work for so long, and not only waiting for a turn on the machine. */
function busyFor(ms: number): void {
  const end = threadMs() + ms;
  while (threadMs() < end) for (let turns = 100_000; turns > 0; turns -= 1) Math.sqrt(turns);
}

test('reports an input that takes too long every time', async () => {
  const always = watching(() => busyFor(2 * MAX_INPUT_MS));
  await expect(always.try(INPUT)).rejects.toThrow(/^slow: /);
});

test('does not count the time before a target begins and after it ends', async () => {
  const slowScene = watching((_input, watch) => {
    busyFor(2 * MAX_INPUT_MS);
    watch.begin();
    watch.end();
    busyFor(2 * MAX_INPUT_MS);
  });
  expect((await slowScene.try(INPUT)).ms).toBeLessThan(MAX_INPUT_MS);
  const slowInput = watching((_input, watch) => {
    watch.begin();
    busyFor(2 * MAX_INPUT_MS);
    watch.end();
  });
  await expect(slowInput.try(INPUT)).rejects.toThrow(/^slow: /);
});

test('does not report an input that took long once, as on a busy machine', async () => {
  let isFirst = true;
  const once = watching(() => {
    if (isFirst) busyFor(2 * MAX_INPUT_MS);
    isFirst = false;
  });
  expect((await once.try(INPUT)).ms).toBeLessThan(MAX_INPUT_MS);
});

test('reports a result that holds more than allowed, on the heap or outside', async () => {
  await settledHeap(); // else garbage that goes meanwhile hides what is allocated
  const onHeap = watching(() => Array.from({ length: 20_000 }, (_, index) => ({ index })));
  await expect(onHeap.try(INPUT)).rejects.toThrow(/^large: /);
  await settledHeap();
  const behind = watching(() => new Uint8Array(1_000_000));
  await expect(behind.try(INPUT)).rejects.toThrow(/^large: /);
});

test('does not report garbage, or what a target may hold', async () => {
  const garbage = watching(() => new Uint8Array(1_000_000).length);
  expect((await garbage.try(INPUT)).keptBytes).toBeLessThan(64 * 1024);
  await watching(() => new Uint8Array(1_000_000), 1_100_000).try(INPUT);
});

test('rethrows what a target throws, at once or later', async () => {
  const mistake = new Error('a mistake');
  const thrower = watching(() => {
    throw mistake;
  });
  await expect(thrower.try(INPUT)).rejects.toBe(mistake);
  await expect(watching(() => Promise.reject(mistake)).try(INPUT)).rejects.toBe(mistake);
});
