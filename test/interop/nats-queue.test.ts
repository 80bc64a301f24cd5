/** The queue and the results of a crawl, on a real nats-server. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';

import type { CrawlTask } from '../../src/crawl/crawl-queue.ts';
import { type JetStreamQueueOptions, jetStreamQueue } from '../../src/crawl/jetstream-queue.ts';
import { JetStreamResults } from '../../src/crawl/jetstream-results.ts';
import { openJetStream, parseJetStreamUrl } from '../../src/jetstream/jetstream.ts';
import { visitRecord } from '../support/visit-records.ts';
import { connected, startNatsServer } from './nats-server.ts';

const never = new AbortController().signal;

describe('a queue on a nats-server', () => {
  test('a node is added once, visited once, and then known for a day', async () => {
    const { url } = await startNatsServer();
    const [first, second] = [await open(url), await open(url)];
    expect(await first.offer(node(1))).toBe('added');
    expect(await second.offer(node(1))).toBe('known');
    const task = await taken(second);
    expect(task.node).toEqual(node(1));
    expect(await (await open(url)).offer(node(1))).toBe('known');
    await task.ack();
    expect(await (await open(url)).offer(node(1))).toBe('known');
    expect(await first.take(never)).toBeNull();
    expect(first.counts).toMatchObject({ added: 1, skipped: 0, redelivered: 0 });
  });

  test('a full queue says so, and has room again after a visit', async () => {
    const { url } = await startNatsServer();
    const queue = await open(url, { maxWaiting: 2 });
    expect(await queue.offer(node(1))).toBe('added');
    expect(await queue.offer(node(2))).toBe('added');
    expect(await queue.offer(node(3))).toBe('full');
    const task = await taken(queue);
    await task.ack();
    await expect.poll(() => queue.offer(node(3))).toBe('added');
  });

  test('a task of a worker that is gone goes to another one, and is counted', async () => {
    const { url } = await startNatsServer();
    const [gone, other] = [await open(url, { ackWaitMs: 1_000 }), await open(url)];
    await gone.offer(node(1));
    await taken(gone);
    const task = await taken(other);
    expect(task.node).toEqual(node(1));
    expect(other.counts).toMatchObject({ redelivered: 1 });
  });

  test('a task that is extended stays with its worker', async () => {
    const { url } = await startNatsServer();
    const [slow, other] = [await open(url, { ackWaitMs: 1_000 }), await open(url)];
    await slow.offer(node(1));
    const task = await taken(slow);
    const taking = other.take(never);
    for (let part = 0; part < 6; part += 1) {
      await task.extend();
      await delay(300);
    }
    await task.ack();
    expect(await taking).toBeNull();
    expect(other.counts.taken).toBe(0);
  });

  test('an acknowledgement that came too late costs no second visit', async () => {
    const { url } = await startNatsServer();
    const [late, other] = [await open(url, { ackWaitMs: 1_000 }), await open(url)];
    await late.offer(node(1));
    const task = await taken(late);
    await delay(1_200);
    await task.ack();
    expect(await other.take(never)).toBeNull();
    expect(other.counts.taken).toBe(0);
  });

  test('a node whose visits are given back too often is given up, and kept among the dead letters', async () => {
    const { url } = await startNatsServer();
    const queue = await open(url, { ackWaitMs: 1_000 });
    await queue.offer(node(1));
    for (let delivery = 1; delivery <= 3; delivery += 1) await taken(queue); // and its worker is lost
    await expect
      .poll(() => queue.take(never).then(() => queue.counts.givenUp), { timeout: 5_000 })
      .toBe(1);
    expect(await (await open(url)).offer(node(1))).toBe('known');
    const jetStream = await connected(url);
    const dead = await jetStream.manager.streams.getMessage('peerchart-dead', { seq: 1 });
    expect(dead?.json()).toMatchObject(node(1));
    expect(dead?.json<{ deliveries: number }>().deliveries).toBeGreaterThan(3);
  });

  test('a message that is no task is given up', async () => {
    const { url } = await startNatsServer();
    const queue = await open(url);
    const jetStream = await connected(url);
    for (const text of ['', '{}', '{"id":"01","text":"enode:","firstSeen":1}', 'null'])
      await jetStream.client.publish(`peerchart.tasks.x${text.length}`, text);
    expect(await queue.take(never)).toBeNull();
    expect(queue.counts).toMatchObject({ givenUp: 4, taken: 0 });
  });

  test('nodes are offered, taken, acknowledged and written while the server restarts, and none is lost', async () => {
    const server = await startNatsServer();
    const queue = await open(server.url, { ackWaitMs: 1_000 });
    const results = await JetStreamResults.open(await openJetStream(parseJetStreamUrl(server.url)));
    const total = 300;
    const offering = (async () => {
      for (let index = 1; index <= total; index += 1) await queue.offer(node(index));
    })();
    const visited = new Set<string>();
    const work = async (): Promise<void> => {
      while (visited.size < total) {
        const task = await queue.take(never);
        if (!task) continue;
        await results.write(visitRecord(Number.parseInt(task.node.id, 16)));
        await task.ack();
        visited.add(task.node.id);
      }
    };
    const working = Promise.all([work(), work(), work(), work()]);
    await expect.poll(() => visited.size, { timeout: 20_000 }).toBeGreaterThan(50);
    await server.kill();
    await delay(300);
    await server.startAgain();
    await Promise.all([offering, working]);
    expect(visited.size).toBe(total);
    const jetStream = await connected(server.url);
    await queue.close();
    await results.close();
    const { state } = await jetStream.manager.streams.info('peerchart-results', {
      subjects_filter: '>',
    });
    expect(Object.keys(state.subjects ?? {})).toHaveLength(total);
    expect(state.messages).toBe(total);
  });

  test('a task that stayed on the server for a day is not in the way of the next visit', async () => {
    const { url } = await startNatsServer();
    const queue = await open(url);
    await queue.offer(node(1));
    const tomorrow = await open(url, { unixTimeMs: () => Date.now() + 25 * 60 * 60 * 1_000 });
    const jetStream = await connected(url);
    expect(await tomorrow.offer(node(1))).toBe('added');
    const { state } = await jetStream.manager.streams.info('peerchart-tasks');
    expect(state).toMatchObject({ messages: 1, first_seq: 2 });
  });

  test('a queue that is closed gives its tasks back at once', async () => {
    const { url } = await startNatsServer();
    const [leaving, other] = [await open(url), await open(url)];
    await leaving.offer(node(1));
    await taken(leaving);
    await leaving.close();
    expect(await other.take(never)).toMatchObject({ node: node(1) });
  });

  test('the signal ends a take', async () => {
    const { url } = await startNatsServer();
    const queue = await open(url);
    expect(await queue.take(AbortSignal.abort())).toBeNull();
    const controller = new AbortController();
    const taking = queue.take(controller.signal);
    controller.abort();
    expect(await taking).toBeNull();
  });
});

const node = (index: number) => {
  const { id, enode } = visitRecord(index);
  return { id, text: enode };
};

async function open(url: string, options: Partial<JetStreamQueueOptions> = {}) {
  const jetStream = await connected(url);
  return jetStreamQueue(jetStream, { unixTimeMs: () => Date.now(), ...options });
}

/** The next task; there is one, or will be. */
async function taken(queue: Awaited<ReturnType<typeof open>>): Promise<CrawlTask> {
  for (;;) {
    const task = await queue.take(never);
    if (task) return task;
  }
}
