import { describe, expect, test } from 'vitest';

import { VISIT_INTERVAL_MS } from '../../src/crawl/crawl-queue.ts';
import { jetStreamQueue } from '../../src/crawl/jetstream-queue.ts';
import { FakeNats } from '../support/fake-nats.ts';
import { visitRecord } from '../support/visit-records.ts';

const never = new AbortController().signal;

describe('a queue on NATS', () => {
  test('a node is added once by all machines, and visited by one', async () => {
    const nats = new FakeNats();
    const [first, second] = [await open(nats), await open(nats)];
    expect(await first.offer(node(1))).toBe('added');
    expect(await first.offer(node(1))).toBe('known');
    expect(await second.offer(node(1))).toBe('known');
    const task = await second.take(never);
    expect(task).toMatchObject({ node: node(1), firstSeen: nats.nowMs });
    await task!.ack();
    expect(await first.take(never)).toBeNull();
  });

  test('while another crawler visits a node, a take waits for it 45 s: it may be lost', async () => {
    const nats = new FakeNats();
    const [lost, other] = [await open(nats), await open(nats)];
    await lost.offer(node(1));
    await lost.take(never);
    const before = nats.nowMs;
    expect(await other.take(never)).toBeNull();
    expect(nats.nowMs - before).toBe(46_000);
    const taking = other.take(never);
    nats.loseWorkers();
    expect(await taking).toMatchObject({ node: node(1) });
  });

  test('a visited node is known until the bucket forgets it after a day', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    await queue.offer(node(1));
    await (await queue.take(never))!.ack();
    expect(await (await open(nats)).offer(node(1))).toBe('known');
    const bucket = nats.buckets.get('crawl-visited')!;
    expect(bucket.ttlMs).toBe(VISIT_INTERVAL_MS);
    bucket.keys.clear();
    expect(await (await open(nats)).offer(node(1))).toBe('added');
  });

  test('the server is asked about a node again after ten minutes', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    await queue.offer(node(1));
    await (await queue.take(never))!.ack();
    nats.buckets.get('crawl-visited')!.keys.clear();
    nats.nowMs += 10 * 60_000 - 1;
    expect(await queue.offer(node(1))).toBe('known');
    nats.nowMs += 1;
    expect(await queue.offer(node(1))).toBe('added');
  });

  test('the node is marked as visited before its task is acknowledged', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    await queue.offer(node(1));
    const task = await queue.take(never);
    const { keys } = nats.buckets.get('crawl-visited')!;
    keys.set = (id) => {
      nats.log.push(`visited ${Number.parseInt(id, 16)}`);
      return keys;
    };
    await task!.ack();
    expect(nats.log).toEqual(['visited 1', 'ack 1']);
  });

  test('a task whose node was visited meanwhile is skipped', async () => {
    const nats = new FakeNats();
    const [lost, other] = [await open(nats), await open(nats)];
    await lost.offer(node(1));
    const task = await lost.take(never);
    nats.loseWorkers();
    nats.buckets.get('crawl-visited')!.keys.set(node(1).id, '1');
    expect(await other.take(never)).toBeNull();
    expect(other.counts).toMatchObject({ skipped: 1, taken: 0 });
    await task!.ack();
  });

  test('a node that two crawlers visited at once is counted', async () => {
    const nats = new FakeNats();
    const [first, second] = [await open(nats), await open(nats)];
    await first.offer(node(1));
    const tasks = [await first.take(never)];
    nats.loseWorkers();
    tasks.push(await second.take(never));
    for (const task of tasks) {
      nats.nowMs += 1;
      await task!.ack();
    }
    expect([first.counts.duplicates, second.counts.duplicates]).toEqual([0, 1]);
  });

  test('a task of a lost worker is given out again, and given up the fourth time', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    await queue.offer(node(1));
    for (let delivery = 1; delivery <= 3; delivery += 1) {
      expect(await queue.take(never)).not.toBeNull();
      nats.loseWorkers();
    }
    expect(await queue.take(never)).toBeNull();
    expect(queue.counts).toEqual({
      added: 1,
      taken: 3,
      redelivered: 2,
      skipped: 0,
      duplicates: 0,
      givenUp: 1,
    });
    expect(nats.textsIn('crawl-dead')).toMatchObject([{ ...node(1), deliveries: 4 }]);
    expect(nats.textsIn('crawl-tasks')).toEqual([]);
    expect(await (await open(nats)).offer(node(1))).toBe('known');
  });

  test('a task that is given back comes again a little later, and is given up the third time', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    await queue.offer(node(1));
    for (let delivery = 1; delivery <= 3; delivery += 1) await (await queue.take(never))!.retry();
    expect(nats.log).toEqual(['nak 5000 1', 'nak 5000 1', 'term 1']);
    expect(queue.counts).toMatchObject({ givenUp: 1 });
  });

  test('one call ends a task, and a task that has ended is not extended', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    await queue.offer(node(1));
    const task = await queue.take(never);
    await task!.extend();
    await task!.ack();
    await task!.ack();
    await task!.retry();
    await task!.extend();
    expect(nats.log).toEqual(['working 1', 'ack 1']);
  });

  test('a full queue says so', async () => {
    const nats = new FakeNats();
    const queue = await open(nats, 1);
    expect(await queue.offer(node(1))).toBe('added');
    expect(await queue.offer(node(2))).toBe('full');
    await (await queue.take(never))!.ack();
    expect(await queue.offer(node(2))).toBe('added');
  });

  test('a message that is never given out is replaced after a day', async () => {
    const nats = new FakeNats();
    await (await open(nats)).offer(node(1));
    nats.nowMs += VISIT_INTERVAL_MS - 1;
    expect(await (await open(nats)).offer(node(1))).toBe('known');
    nats.nowMs += 1;
    expect(await (await open(nats)).offer(node(1))).toBe('added');
    expect(nats.textsIn('crawl-tasks')).toMatchObject([{ firstSeen: nats.nowMs }]);
  });

  test('a message that is no task is given up', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    const { client } = nats.connect();
    const { id } = node(1);
    for (const text of [
      ...['', '{}', 'null', '{"id":"01","text":"enode:","firstSeen":1}'],
      JSON.stringify({ id, text: 'x'.repeat(1_025), firstSeen: 1 }),
    ])
      await client.publish(`crawl.tasks.x${text.length}`, text);
    expect(await queue.take(never)).toBeNull();
    expect(queue.counts).toMatchObject({ givenUp: 5, taken: 0 });
  });

  test('the end gives tasks back, and nothing is taken after it or after the signal', async () => {
    const nats = new FakeNats();
    const queue = await open(nats);
    await queue.offer(node(1));
    await queue.offer(node(2));
    expect(await queue.take(AbortSignal.abort())).toBeNull();
    await queue.take(never);
    await queue.close();
    expect(nats.log).toEqual(['nak 1', 'close']);
    expect(await queue.take(never)).toBeNull();
  });

  test('an error of the server comes through', async () => {
    const jetStream = new FakeNats().connect();
    const queue = await jetStreamQueue(jetStream, { unixTimeMs: () => 1 });
    jetStream.client.publish = () => Promise.reject(new Error('no space'));
    await expect(queue.offer(node(1))).rejects.toThrow('no space');
  });
});

const node = (index: number) => {
  const { id, enode } = visitRecord(index);
  return { id, text: enode };
};

const open = (nats: FakeNats, maxWaiting = 100) =>
  jetStreamQueue(nats.connect(), { unixTimeMs: () => nats.nowMs, maxWaiting });
