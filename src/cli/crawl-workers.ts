/** The threads of `crawl --workers`: each has a part of the visits, and a network of its own. */
import { Worker } from 'node:worker_threads';
import { CrawlThreads } from '../crawl/crawl-threads.ts';
import type { CrawlOptions } from '../crawl/crawler.ts';
import type { CrawlNetworkData } from './crawl-network.ts';
import type { CrawlPlaces } from './crawl-places.ts';
import type { CrawlThreadData } from './crawl-thread.ts';

/** Beside this file once it is built. */
const PROGRAM = new URL('./crawl-thread.js', import.meta.url);

export type CrawlWorkersOptions = {
  readonly workers: number;
  readonly network: CrawlNetworkData;
  readonly places: Pick<CrawlPlaces, 'queue' | 'results'>;
  readonly crawl: CrawlThreadData['crawl'];
  readonly onRecord: NonNullable<CrawlOptions['onRecord']>;
  readonly program?: URL | string;
};

/** Begins at once. All threads together make as many visits as one would. */
export function crawlWorkers({
  workers,
  network,
  places,
  crawl,
  onRecord,
  program = PROGRAM,
}: CrawlWorkersOptions): CrawlThreads {
  const { udp } = network;
  const parallel = Math.ceil(network.parallel / workers);
  const perSecond = crawl.perSecond / workers;
  const dataOf = (index: number): CrawlThreadData => ({
    network: { ...network, parallel, udp: { ...udp, port: index === 0 ? udp.port : 0 } },
    crawl: { ...crawl, parallel, perSecond },
  });
  return new CrawlThreads({
    ...{ queue: places.queue, results: places.results, onRecord },
    threads: Array.from({ length: workers }, (_, index) => () => {
      const worker: Worker = new Worker(program, { workerData: dataOf(index) });
      return worker;
    }),
  });
}
