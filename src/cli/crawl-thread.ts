/** One thread of `crawl --workers`: a program of its own, with its own server; queue and records are in the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ThreadCrawlOptions, threadCrawl } from '../crawl/thread-crawl.ts';
import { systemClock } from '../io/process/clock.ts';
import { type CrawlNetworkData, openCrawlNetwork } from './crawl-network.ts';

/** What the main thread gives it: plain values. */
export type CrawlThreadData = {
  readonly network: CrawlNetworkData;
  readonly crawl: Pick<ThreadCrawlOptions, 'parallel' | 'perSecond' | 'idleMs' | 'maxMs'>;
};

const { network, crawl } = workerData as CrawlThreadData;

await threadCrawl({
  ...crawl,
  channel: parentPort!,
  openNetwork: () => openCrawlNetwork(network),
  heapBytes: () => process.memoryUsage().heapUsed,
  clock: systemClock,
});
