/**
 * A process that crawls a simulated network into the file of its first argument, until it is done or killed. Each line of its
 * output has the number of visits of this process.
 */
import { openCrawlFiles } from '../../src/crawl/crawl-files.ts';
import { Crawler } from '../../src/crawl/crawler.ts';
import type { Clock } from '../../src/io/process/clock.ts';
import { SimulatedCrawl } from './simulated-crawl.ts';

/** Time passes so many times as fast. */
const SPEED = 100;

const [, , path = '', count = '100'] = process.argv;
const clock: Clock = {
  now: () => performance.now() * SPEED,
  setTimeout: (run, ms) => setTimeout(run, ms / SPEED),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
const unixTimeMs = (): number => Math.floor(1_790_000_000_000 + clock.now());

const crawler = new Crawler({
  open: async () => ({
    ...(await openCrawlFiles(path, { unixTimeMs })),
    network: new SimulatedCrawl(1, Number(count), clock, unixTimeMs),
  }),
  ...{ parallel: 20, perSecond: 1_000, idleMs: 120_000, clock },
  onRecord: () => void process.stdout.write(`visited ${crawler.progress.visited}\n`),
});
const { outcome } = await crawler.ended;
process.stdout.write(`${outcome}\n`);
