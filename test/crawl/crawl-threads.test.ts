import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';

import type { CrawlNetwork } from '../../src/crawl/crawl-network.ts';
import { type CrawlThread, CrawlThreads } from '../../src/crawl/crawl-threads.ts';
import { MemoryQueue } from '../../src/crawl/memory-queue.ts';
import { threadCrawl } from '../../src/crawl/thread-crawl.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { bundledProgram } from '../support/child-program.ts';
import { FakeThread, listedNetwork } from '../support/crawl-thread.ts';
import { StepClock } from '../support/step-clock.ts';
import { turns } from '../support/turn.ts';
import { visitRecord } from '../support/visit-records.ts';

const NODES = 60;

describe('a crawl by several threads', () => {
  test('visits every node once, although all threads find the same nodes', async () => {
    const { threads, visits, records } = crawl(3);
    const { outcome, visited, lost, heapBytes } = await threads.ended;
    expect({ outcome, visited, lost }).toEqual({ outcome: 'finished', visited: NODES, lost: [] });
    expect(records).toHaveLength(NODES);
    expect([...visits.values()]).toEqual(Array(NODES).fill(1));
    expect(heapBytes).toEqual([1, 1, 1]);
    expect(threads.progress).toMatchObject({ added: NODES, accepted: NODES, visiting: 0 });
  });

  test('a thread that is lost gives its tasks back, and the others visit them', async () => {
    let isStuck = true;
    const { threads, all, visits, records } = crawl(2, (thread) => thread === 0 && isStuck);
    await until(() => threads.progress.visiting > 3);
    all[0]!.lose(new Error('out of memory'));
    isStuck = false;
    const { outcome, visited, lost } = await threads.ended;
    expect({ outcome, visited, lost }).toEqual({
      ...{ outcome: 'finished', visited: NODES, lost: ['out of memory'] },
    });
    expect(new Set(records.map(({ id }) => id)).size).toBe(NODES);
    expect(threads.progress.returned).toBeGreaterThan(0);
    expect([...visits.values()].filter((count) => count > 2)).toEqual([]);
  });

  test('a crawl that lost all its threads has failed, and closes what it had', async () => {
    const { threads, all, closed } = crawl(1, () => true);
    await until(() => threads.progress.visiting > 0);
    all[0]!.lose();
    expect(await threads.ended).toMatchObject({
      outcome: 'failed',
      failure: { part: 'internal', message: 'it ended before its crawl did' },
    });
    expect(closed).toEqual(['results', 'queue']);
  });

  test('a stop ends all threads, and their tasks stay in the queue', async () => {
    const { threads, all, queue } = crawl(2, () => true);
    await until(() => threads.progress.visiting > 3);
    threads.stop();
    const { outcome, visited } = await threads.ended;
    expect({ outcome, visited }).toEqual({ outcome: 'stopped', visited: 0 });
    expect(queue.counts.waiting).toBe(queue.counts.known);
    expect(all.map(({ isTerminated }) => isTerminated)).toEqual([true, true]);
  });

  test('an error of the results fails the crawl of the thread', async () => {
    const { threads } = crawl(
      1,
      () => false,
      () => Promise.reject(new Error('the disk is full')),
    );
    expect(await threads.ended).toMatchObject({
      outcome: 'failed',
      failure: { part: 'results', message: 'Error: the disk is full' },
    });
  });
});

test('threads of Node: one that crashes is lost alone, and every node is visited', async () => {
  const program = await bundledProgram('test/support/thread-crawler.ts');
  const queue = new MemoryQueue({ unixTimeMs: () => 1_000 });
  const ids = new Set<string>();
  const threads = new CrawlThreads({
    threads: [true, false].map(
      (crashes) => () => new Worker(program, { workerData: { nodes: 200, crashes } }),
    ),
    queue,
    results: { write: async ({ id }) => void ids.add(id), close: async () => {} },
  });
  const { outcome, lost, heapBytes } = await threads.ended;
  expect({ outcome, lost }).toEqual({
    ...{ outcome: 'finished', lost: ['it ended before its crawl did'] },
  });
  expect(ids.size).toBe(200);
  expect(queue.counts).toMatchObject({ visited: 200, givenUp: 0 });
  expect(heapBytes[0]).toBeGreaterThan(1_000_000);
});

test('threads of Node: one that hangs is ended after 210 s without a word', async () => {
  const clock = new StepClock();
  const [worker, silent] = [1, 2].map(() => new Worker('for (;;);', { eval: true }));
  const threads = new CrawlThreads({
    threads: [() => worker!, () => silent!],
    queue: new MemoryQueue({ unixTimeMs: () => 1_000 }),
    results: { write: async () => {}, close: async () => {} },
    clock,
  });
  clock.advance(209_000);
  worker!.emit('message', { type: 'a sign of life' });
  expect(clock.pending).toBe(2);
  clock.advance(1_000);
  expect(clock.pending).toBe(1);
  clock.advance(208_999);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  expect(await threads.ended).toMatchObject({
    outcome: 'failed',
    lost: Array(2).fill('it said nothing for 210 s'),
  });
  expect(clock.pending).toBe(0);
});

/** @param isStuck Whether visits of a thread do not end. */
function crawl(
  count: number,
  isStuck: (thread: number) => boolean = () => false,
  write: (record: VisitRecord) => Promise<void> = async () => {},
) {
  const queue = new MemoryQueue({ unixTimeMs: () => 1_000 });
  const [all, records, closed]: [FakeThread[], VisitRecord[], string[]] = [[], [], []];
  const visits = new Map<string, number>();
  const start = (thread: number) => (): CrawlThread => {
    const fake = new FakeThread();
    all.push(fake);
    const visit: CrawlNetwork['visit'] = async ({ id }, signal) => {
      visits.set(id, (visits.get(id) ?? 0) + 1);
      await turns(3);
      if (isStuck(thread)) await delay(60_000, undefined, { signal });
      return visitRecord(Number.parseInt(id, 16));
    };
    const nodes = Array.from({ length: NODES }, (_, index) => index + 1);
    void threadCrawl({
      channel: fake.inside,
      openNetwork: () => Promise.resolve(listedNetwork(nodes, visit, nodeAt)),
      heapBytes: () => 1,
      ...{ parallel: 5, perSecond: 100_000, idleMs: 1_000, clock: systemClock },
    });
    return fake;
  };
  const results = {
    write: async (record: VisitRecord) => {
      await write(record);
      records.push(record);
    },
    close: async () => void closed.push('results'),
  };
  const close = queue.close.bind(queue);
  queue.close = () => {
    closed.push('queue');
    return close();
  };
  const threads = new CrawlThreads({
    threads: Array.from({ length: count }, (_, thread) => start(thread)),
    queue,
    results,
  });
  return { threads, all, queue, visits, records, closed };
}

const nodeAt = (index: number) => {
  const { id, enode } = visitRecord(index);
  return { id, text: enode };
};

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turns(1);
}
