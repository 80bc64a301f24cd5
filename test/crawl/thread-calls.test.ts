import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';

import { ThreadCalls, type ThreadRequest } from '../../src/crawl/thread-calls.ts';
import { visitRecord } from '../support/visit-records.ts';

const { id, enode } = visitRecord();
const node = { id, text: enode };

test('each call is answered by its number, in any order', async () => {
  const { calls, requests, answer } = joined();
  const [first, second] = [calls.queue.offer(node), calls.results.write(visitRecord())];
  await expect.poll(() => requests.length).toBe(2);
  answer(2);
  answer(1, 'known');
  expect(await first).toBe('known');
  expect(await second).toBeUndefined();
  expect(requests).toMatchObject([{ call: 'offer', node }, { call: 'write' }]);
});

test('an error of the main thread is one of the call', async () => {
  const { calls, answer } = joined();
  const offering = calls.queue.offer(node);
  answer(1, undefined, 'the queue is away');
  await expect(offering).rejects.toThrow('the queue is away');
});

test('a task is ended by the number of the call that took it', async () => {
  const { calls, requests, answer } = joined();
  const taking = calls.queue.take(new AbortController().signal);
  answer(1, { node, firstSeen: 5 });
  const task = await taking;
  expect(task).toMatchObject({ node, firstSeen: 5 });
  const done = Promise.all([task!.extend(), task!.ack()]);
  await expect.poll(() => requests.length).toBe(3);
  answer(2);
  answer(3);
  await done;
  expect(requests.slice(1)).toMatchObject([
    { call: 'extend', task: 1 },
    { call: 'ack', task: 1 },
  ]);
});

test('a task that comes after the signal is given back', async () => {
  const { calls, requests, answer } = joined();
  const controller = new AbortController();
  const taking = calls.queue.take(controller.signal);
  controller.abort();
  expect(await taking).toBeNull();
  expect(await calls.queue.take(controller.signal)).toBeNull();
  answer(1, { node, firstSeen: 5 });
  await expect.poll(() => requests).toMatchObject([{ call: 'take' }, { call: 'retry', task: 1 }]);
});

function joined() {
  const { port1, port2 } = new MessageChannel();
  const requests: ThreadRequest[] = [];
  port1.on('message', (request) => requests.push(request));
  onTestFinished(() => port1.close());
  const answer = (number: number, value?: unknown, error?: string): void =>
    port1.postMessage({ type: 'answer', number, value, ...(error !== undefined && { error }) });
  return { calls: new ThreadCalls(port2), requests, answer };
}
