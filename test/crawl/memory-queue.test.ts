import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_DELIVERIES, VISIT_INTERVAL_MS } from '../../src/crawl/crawl-queue.ts';
import { MemoryQueue } from '../../src/crawl/memory-queue.ts';

const { signal } = new AbortController();
const node = (name: string) => ({ id: name.padEnd(64, '0'), text: `enode://${name}` });

let now: number;
let queue: MemoryQueue;

beforeEach(() => {
  now = 1_000;
  queue = new MemoryQueue({ unixTimeMs: () => now, maxNodes: 3 });
});

describe('a queue in memory', () => {
  test('gives each node once, in the order in which they were offered', async () => {
    expect(await queue.offer(node('b'))).toBe('added');
    now += 1;
    expect(await queue.offer(node('a'))).toBe('added');
    expect(await queue.offer(node('b'))).toBe('known');
    expect(await queue.take(signal)).toMatchObject({ node: node('b'), firstSeen: 1_000 });
    expect(await queue.take(signal)).toMatchObject({ node: node('a'), firstSeen: 1_001 });
    expect(await queue.take(signal)).toBeNull();
    expect(await queue.offer(node('a'))).toBe('known'); // while it is visited
  });

  test('does not visit a node again within a day, and does after it', async () => {
    await queue.offer(node('a'));
    await (await queue.take(signal))!.ack();
    now += VISIT_INTERVAL_MS - 1;
    expect(await queue.offer(node('a'))).toBe('known');
    now += 1;
    expect(await queue.offer(node('a'))).toBe('added');
    expect(await queue.take(signal)).toMatchObject({ node: node('a'), firstSeen: 1_000 });
  });

  test('takes no more nodes than it has room for, and says so', async () => {
    for (const name of ['a', 'b', 'c']) await queue.offer(node(name));
    expect(await queue.offer(node('d'))).toBe('full');
    expect(await queue.offer(node('c'))).toBe('known');
    queue.markVisited(node('e'), 1, 1);
    expect(queue.counts).toMatchObject({ known: 3, waiting: 3 });
  });

  test('puts a node whose visit was not completed behind the others', async () => {
    await queue.offer(node('a'));
    await queue.offer(node('b'));
    const task = (await queue.take(signal))!;
    await task.retry();
    await task.ack(); // too late: it has ended
    expect((await queue.take(signal))?.node).toEqual(node('b'));
    expect((await queue.take(signal))?.node).toEqual(node('a'));
    expect(queue.counts).toMatchObject({ visited: 0, visiting: 2, waiting: 0 });
  });

  test('gives up a node whose visits are given back again and again', async () => {
    await queue.offer(node('a'));
    for (let delivery = 0; delivery < MAX_DELIVERIES; delivery += 1)
      await (await queue.take(signal))!.retry();
    expect(await queue.take(signal)).toBeNull();
    expect(await queue.offer(node('a'))).toBe('known');
    expect(queue.counts).toMatchObject({ givenUp: 1, visited: 0 });
  });

  test('knows which nodes were visited before', async () => {
    now = VISIT_INTERVAL_MS;
    queue.markVisited(node('a'), 5, 10);
    expect(await queue.offer(node('a'))).toBe('known');
    now += 10;
    expect(await queue.offer(node('a'))).toBe('added');
    expect(await queue.take(signal)).toMatchObject({ firstSeen: 5 });
  });

  test('gives nothing once it is closed, or when the caller has ended', async () => {
    await queue.offer(node('a'));
    expect(await queue.take(AbortSignal.abort())).toBeNull();
    const task = (await queue.take(signal))!;
    await task.extend();
    await queue.close();
    expect(queue.counts).toMatchObject({ visiting: 0, waiting: 1 });
    expect(await queue.take(signal)).toBeNull();
    await task.ack();
    expect(queue.counts.visited).toBe(0); // it was given back
  });
});
