/** One thread of `crawl --workers`: a program of its own, with its own server; queue and records are in the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { ServerNetwork, type ServerNetworkOptions } from '../crawl/server-network.ts';
import { type ThreadCrawlOptions, threadCrawl } from '../crawl/thread-crawl.ts';
import { systemClock } from '../io/process/clock.ts';

/** What the main thread gives it: plain values. */
export type CrawlThreadData = {
  readonly network: ServerNetworkOptions;
  readonly crawl: Pick<ThreadCrawlOptions, 'parallel' | 'perSecond' | 'idleMs' | 'maxMs' | 'seeds'>;
};

const { network, crawl } = workerData as CrawlThreadData;

await threadCrawl({
  ...crawl,
  channel: parentPort!,
  openNetwork: () => ServerNetwork.open(network),
  heapBytes: () => process.memoryUsage().heapUsed,
  clock: systemClock,
});
