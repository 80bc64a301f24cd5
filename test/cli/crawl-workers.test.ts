import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crawlWorkers } from '../../src/cli/crawl-workers.ts';
import { MemoryQueue } from '../../src/crawl/memory-queue.ts';
import { scratch } from './scratch.ts';

/** Says what it was given in place of its memory. */
const PROGRAM = `
import { parentPort, workerData } from 'node:worker_threads';
const output = { outcome: 'finished', visited: 0, failure: null };
parentPort.postMessage({ type: 'ended', output, heapBytes: workerData });
`;

test('threads divide the visits, and one of them has the UDP port', async () => {
  const program = join(await scratch(), 'thread.mjs');
  await writeFile(program, PROGRAM);
  const threads = crawlWorkers({
    ...{ workers: 2, program, onRecord: () => {} },
    network: { parallel: 15, discovery: 'v4', udp: { host: '127.0.0.1', port: 30_303 } },
    crawl: { parallel: 15, perSecond: 25, idleMs: 1_000, maxMs: 2_000 },
    places: {
      queue: new MemoryQueue({ unixTimeMs: () => 1_000 }),
      results: { write: async () => {}, close: async () => {} },
    },
  });
  const { heapBytes } = await threads.ended;
  const crawl = { parallel: 8, perSecond: 12.5, idleMs: 1_000, maxMs: 2_000 };
  expect(heapBytes).toMatchObject([
    { crawl, network: { parallel: 8, udp: { port: 30_303 } } },
    { crawl, network: { parallel: 8, udp: { port: 0 } } },
  ]);
});
