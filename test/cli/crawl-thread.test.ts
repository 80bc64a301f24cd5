import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';

import type { CrawlThreadData } from '../../src/cli/crawl-thread.ts';
import { CrawlThreads } from '../../src/crawl/crawl-threads.ts';
import { MemoryQueue } from '../../src/crawl/memory-queue.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { bundledProgram } from '../support/child-program.ts';

test('two threads with a server each visit every node once', async () => {
  const servers = await Promise.all(Array.from({ length: 6 }, listening));
  const seeds = servers.map(({ self: { id, enode } }) => ({ id, text: enode }));
  const workerData: CrawlThreadData = {
    network: { parallel: 2, nat: 'none', discovery: [] },
    crawl: { parallel: 2, perSecond: 100, idleMs: 1_000, seeds },
  };
  const program = await bundledProgram('src/cli/crawl-thread.ts');
  const records: VisitRecord[] = [];
  const threads = new CrawlThreads({
    threads: Array.from({ length: 2 }, () => () => new Worker(program, { workerData })),
    queue: new MemoryQueue({ unixTimeMs: () => 1_000 }),
    results: { write: async (record) => void records.push(record), close: async () => {} },
  });
  const { outcome, visited, lost } = await threads.ended;
  expect({ outcome, visited, lost }).toEqual({ outcome: 'finished', visited: 6, lost: [] });
  expect(records.map(({ id }) => id).sort()).toEqual(seeds.map(({ id }) => id).sort());
});

async function listening(): Promise<Server> {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    nat: 'none',
  });
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}
