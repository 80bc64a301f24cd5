import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';

import { threadCrawl } from '../../src/crawl/thread-crawl.ts';
import { systemClock } from '../../src/io/process/clock.ts';

test('a network that does not open ends the crawl of the thread, which says so', async () => {
  const { port1, port2 } = new MessageChannel();
  const said: unknown[] = [];
  port1.on('message', (message) => said.push(message));
  onTestFinished(() => port1.close());
  await threadCrawl({
    channel: port2,
    openNetwork: () => Promise.reject(new Error('no port is free')),
    heapBytes: () => 7,
    ...{ parallel: 1, perSecond: 1, idleMs: 1, clock: systemClock },
  });
  await expect
    .poll(() => said)
    .toMatchObject([
      {
        type: 'ended',
        output: {
          outcome: 'failed',
          failure: { part: 'network', message: 'Error: no port is free' },
        },
        heapBytes: 7,
      },
    ]);
});
