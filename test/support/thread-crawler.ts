/** A thread of a crawl, with a network of listed nodes. The thread that is told to crash does so during its tenth visit. */
import { parentPort, workerData } from 'node:worker_threads';

import { threadCrawl } from '../../src/crawl/thread-crawl.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { visitRecord } from './visit-records.ts';

const { nodes, crashes } = workerData as { readonly nodes: number; readonly crashes: boolean };
let visits = 0;

await threadCrawl({
  channel: parentPort!,
  openNetwork: () =>
    Promise.resolve({
      async *found() {
        for (let index = 1; index <= nodes; index += 1) {
          const { id, enode } = visitRecord(index);
          yield { id, text: enode };
        }
      },
      async visit({ id }) {
        visits += 1;
        if (crashes && visits === 10) process.exit(1); // ends the thread only
        await new Promise((resolve) => setTimeout(resolve, 1));
        return visitRecord(Number.parseInt(id, 16));
      },
      close: () => Promise.resolve(),
    }),
  heapBytes: () => process.memoryUsage().heapUsed,
  ...{ parallel: 5, perSecond: 10_000, idleMs: 1_000, clock: systemClock },
});
