/** The crawl of one thread: a crawler whose queue and results are those of the main thread. */

import type { CrawlNetwork } from './crawl-network.ts';
import { THREAD_STOP, type ThreadEnd } from './crawl-threads.ts';
import { Crawler, type CrawlOptions } from './crawler.ts';
import { ThreadCalls, type ThreadChannel } from './thread-calls.ts';

export type ThreadCrawlOptions = Omit<CrawlOptions, 'open' | 'onRecord'> & {
  readonly channel: ThreadChannel;
  readonly openNetwork: () => Promise<CrawlNetwork>;
  /** Bytes of the heap of this thread that are used. */
  readonly heapBytes: () => number;
};

/** Runs until the crawl ends, or the main thread stops it; then says how it ended. */
export async function threadCrawl({
  channel,
  openNetwork,
  heapBytes,
  ...options
}: ThreadCrawlOptions): Promise<void> {
  const { queue, results } = new ThreadCalls(channel);
  const crawler = new Crawler({
    ...options,
    open: async () => ({ queue, results, network: await openNetwork() }),
  });
  channel.on('message', (message) => {
    if ((message as { readonly type?: unknown }).type === THREAD_STOP.type) crawler.stop();
  });
  const output = await crawler.ended;
  channel.postMessage({ type: 'ended', output, heapBytes: heapBytes() } satisfies ThreadEnd);
}
