/** `peerchart crawl`: visits every node that discovery finds, and writes a record of each. */
import type { Ports } from '../api/options.ts';
import { CrawlSummary } from '../crawl/crawl-summary.ts';
import type { CrawlThreadsOutput } from '../crawl/crawl-threads.ts';
import { Crawler } from '../crawl/crawler.ts';
import type { VisitRecord } from '../crawl/visit-record.ts';
import { systemClock } from '../io/process/clock.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import { printable } from '../io/wire/printable.ts';
import type { CrawlOutput } from '../machines/crawl/crawl.ts';
import { crawlLine, sharedLine, summaryLines } from './crawl-lines.ts';
import { type CrawlNetworkData, checkCrawlNetwork, openCrawlNetwork } from './crawl-network.ts';
import { type CrawlPlaces, openPlaces } from './crawl-places.ts';
import { BAR_EVERY_MS, every, LINE_EVERY_MS, NO_BAR } from './crawl-progress.ts';
import { crawlWorkers } from './crawl-workers.ts';
import { defined } from './defined.ts';
import { CommandError } from './error.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type CrawlCommandOptions = CrawlNetworkData & {
  /** File for the records, which a crawl goes on from; its journal is beside it. */
  readonly out?: string;
  /** A database that gets the records too: `sqlite:<file>` or `postgres://…`. */
  readonly db?: string;
  /** A NATS server with a queue that many machines share; it gets the records too. */
  readonly queue?: string;
  /** Threads; 1, this one, unless given. */
  readonly workers?: number;
  /** Most visits that begin in one second. */
  readonly rate: number;
  /** Seconds without a new node after which it is finished. */
  readonly idle: number;
  /** Longest crawl, in seconds. */
  readonly timeout: number;
  readonly json?: boolean;
};

/**
 * @returns The exit code: 0 when it was finished or its time is over, 1 when it failed, 130 after Ctrl-C.
 * @param threadProgram What threads run, where this is not the built program.
 * @throws {CommandError} There is nothing to begin with, or no place for the records.
 * @throws {NdjsonError} The file is none of a crawl. @throws {NatsError} @throws {ResultsError}
 */
export async function crawl(
  options: CrawlCommandOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
  threadProgram?: string,
): Promise<number> {
  checkCrawlNetwork(options);
  const { out, db, queue, workers = 1, parallel, rate, idle, timeout, json = false } = options;
  const clock = ports.clock ?? systemClock;
  const places = await openPlaces({ ...defined({ out, db, queue }), unixTimeMs });
  const summary = new CrawlSummary();
  const earlier = new Map(places.records);
  const limits = {
    ...{ parallel, perSecond: rate, idleMs: idle * 1_000, maxMs: timeout * 1_000 },
  };
  const onRecord = (record: VisitRecord): void => {
    earlier.delete(record.id); // its newer record counts
    summary.add(record);
  };
  const { network, discovery, bootnodes, dnsTrees, udp } = options;
  const data = { discovery, parallel, udp, ...defined({ network, bootnodes, dnsTrees }) };
  const crawler: RunningCrawl =
    workers > 1
      ? crawlWorkers({
          ...{ workers, network: data, places, crawl: limits, onRecord },
          ...defined({ program: threadProgram }),
        })
      : new Crawler({
          open: async () => ({ ...places, network: await openNetwork(data, ports, places) }),
          ...{ ...limits, clock, onRecord },
        });
  const beganAt = clock.now();
  const seconds = (): number => (clock.now() - beganAt) / 1_000;
  const showsBar = terminal.isTty && !json;
  const write = (text: string): void => void terminal.stdout.write(text);
  const show = (): void => {
    const { progress } = crawler;
    if (json) write(`${timedJson({ type: 'crawl.progress', ...progress }, terminal)}\n`);
    else if (showsBar) write(`${NO_BAR}${crawlLine(progress, seconds())}`);
    else write(`${timedLines(() => crawlLine(progress, seconds()), terminal)}\n`);
  };
  const stop = (): void => crawler.stop();
  terminal.signal.addEventListener('abort', stop);
  if (terminal.signal.aborted) stop();
  const stopShowing = every(showsBar ? BAR_EVERY_MS : LINE_EVERY_MS, clock, show);
  const { outcome, failure, lost = [], heapBytes } = await crawler.ended;
  stopShowing();
  terminal.signal.removeEventListener('abort', stop);
  if (failure)
    throw new CommandError(`the crawl failed at the ${failure.part}: ${failure.message}`);
  for (const why of lost)
    terminal.stderr.write(`peerchart: a thread was lost: ${printable(why)}\n`);
  for (const record of earlier.values()) summary.add(record);
  const shared = places.shared();
  const { progress } = crawler;
  if (json)
    write(
      `${timedJson({ type: 'crawl.ended', outcome, ...progress, ...defined({ heapBytes, shared: shared ?? undefined }), summary: summary.columns }, terminal)}\n`,
    );
  else {
    const end = `${ENDS[outcome]}: ${crawlLine(progress, seconds())}`;
    write(`${showsBar ? NO_BAR : ''}${timedLines(() => end, terminal)}\n`);
    if (shared) write(`${sharedLine(shared)}\n`);
    write(`${summaryLines(summary.columns).join('\n')}\n`);
  }
  return outcome === 'stopped' ? INTERRUPTED : 0;
}

const ENDS = {
  finished: 'No node is left to visit',
  stopped: 'Stopped, to be continued by the same command',
  timeLimit: 'The time is over; the same command continues',
  failed: 'Failed',
} as const;

/** In this thread, or in several. */
type RunningCrawl = Pick<Crawler, 'progress' | 'stop'> & {
  readonly ended: Promise<CrawlOutput & Partial<Pick<CrawlThreadsOutput, 'lost' | 'heapBytes'>>>;
};

async function openNetwork(data: CrawlNetworkData, ports: Partial<Ports>, places: CrawlPlaces) {
  try {
    return await openCrawlNetwork(data, ports);
  } catch (error) {
    await closeAll(places);
    throw error;
  }
}

async function closeAll({ results, queue }: Pick<CrawlPlaces, 'results' | 'queue'>): Promise<void> {
  await results.close();
  await queue.close();
}
