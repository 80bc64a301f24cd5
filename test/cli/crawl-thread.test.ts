import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { CrawlThreadData } from '../../src/cli/crawl-thread.ts';
import { CrawlThreads } from '../../src/crawl/crawl-threads.ts';
import { MemoryQueue } from '../../src/crawl/memory-queue.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { bundledProgram } from '../support/child-program.ts';

test('two threads with a server each visit every node once', async () => {
  const first = await listening();
  const bootnodes = [first.self.enr!];
  const others = await Promise.all([1, 2, 3].map(() => listening(bootnodes)));
  const ids = [first, ...others].map(({ self }) => self.id);
  // it names only those that it has checked
  const checked = () => first.discovery!.readRandomNodes(others.length);
  await vi.waitFor(() => expect(checked()).toHaveLength(others.length), 30_000);
  const workerData: CrawlThreadData = {
    network: { parallel: 2, discovery: 'v4', bootnodes, udp: { host: '127.0.0.1', port: 0 } },
    crawl: { parallel: 2, perSecond: 100, idleMs: 2_000 },
  };
  const program = await bundledProgram('src/cli/crawl-thread.ts');
  const records: VisitRecord[] = [];
  const threads = new CrawlThreads({
    threads: Array.from({ length: 2 }, () => () => new Worker(program, { workerData })),
    queue: new MemoryQueue({ unixTimeMs: () => 1_000 }),
    results: { write: async (record) => void records.push(record), close: async () => {} },
  });
  const { outcome, lost } = await threads.ended;
  expect({ outcome, lost }).toEqual({ outcome: 'finished', lost: [] });
  const visited = records.map(({ id }) => id).filter((id) => ids.includes(id)); // threads find each other, too
  expect(visited.sort()).toEqual(ids.sort());
});

async function listening(bootnodes: readonly string[] = []): Promise<Server> {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    ...{ noDial: true, discovery: 'v4', externalIp: '127.0.0.1', bootnodes },
  });
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}
