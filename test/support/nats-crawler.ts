/**
 * A crawler as a process of its own, on a queue on NATS, with a network in which every visit takes some ms: `nats-crawler
 * <url> <number of nodes>`. It prints what it did when it has finished.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CrawlNetwork } from '../../src/crawl/crawl-network.ts';
import { Crawler } from '../../src/crawl/crawler.ts';
import { jetStreamQueue } from '../../src/crawl/jetstream-queue.ts';
import { JetStreamResults } from '../../src/crawl/jetstream-results.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { unixTimeMs } from '../../src/io/process/wall-time.ts';
import { openJetStream, parseJetStreamUrl } from '../../src/jetstream/jetstream.ts';
import { visitRecord } from './visit-records.ts';

const VISIT_MS = 100;

const [url = '', nodes = '0'] = process.argv.slice(2);

const network: CrawlNetwork = {
  async *found() {
    for (let index = 1; index <= Number(nodes); index += 1) {
      const { id, enode } = visitRecord(index);
      yield { id, text: enode };
    }
  },
  async visit({ id }, signal) {
    process.stdout.write('visit\n');
    await delay(VISIT_MS, undefined, { signal });
    return visitRecord(Number.parseInt(id, 16), { at: unixTimeMs() });
  },
  close: () => Promise.resolve(),
};

const server = parseJetStreamUrl(url);
const queue = await jetStreamQueue(await openJetStream(server), { unixTimeMs, ackWaitMs: 2_000 });
const results = await JetStreamResults.open(await openJetStream(server));
const crawler = new Crawler({
  open: () => Promise.resolve({ queue, results, network }),
  parallel: 8,
  perSecond: 1_000,
  idleMs: 1_000,
  clock: systemClock,
});
const { outcome, failure } = await crawler.ended;
process.stdout.write(
  `${JSON.stringify({ outcome, failure, ...queue.counts, ...results.counts })}\n`,
);
