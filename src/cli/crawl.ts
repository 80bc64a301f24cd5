/** `peerchart crawl`: visits every node that discovery finds, and writes a record of each. */
import type { Ports } from '../api/options.ts';
import { CrawlSummary } from '../crawl/crawl-summary.ts';
import { Crawler } from '../crawl/crawler.ts';
import { systemClock } from '../io/process/clock.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import { crawlLine, summaryLines } from './crawl-lines.ts';
import { type CrawlNetworkData, checkCrawlNetwork, openCrawlNetwork } from './crawl-network.ts';
import { BAR_EVERY_MS, every, LINE_EVERY_MS, NO_BAR } from './crawl-progress.ts';
import { CommandError } from './error.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type CrawlCommandOptions = CrawlNetworkData & {
  /** File for the records, which a crawl goes on from; its journal is beside it. */
  readonly out: string;
  /** A database that gets the records too: `sqlite:<file>` or `postgres://…`. */
  readonly db?: string;
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
 * @throws {CommandError} There is nothing to begin with. @throws {NdjsonError} The file is none of a crawl.
 */
export async function crawl(
  options: CrawlCommandOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  checkCrawlNetwork(options);
  const { out, db, parallel, rate, idle, timeout, json = false } = options;
  const clock = ports.clock ?? systemClock;
  const places = await openPlaces(out, db);
  const summary = new CrawlSummary();
  const earlier = new Map(places.records);
  const crawler = new Crawler({
    open: async () => ({ ...places, network: await openNetwork(options, ports, places) }),
    ...{ parallel, perSecond: rate, idleMs: idle * 1_000, maxMs: timeout * 1_000, clock },
    onRecord: (record) => {
      earlier.delete(record.id); // its newer record counts
      summary.add(record);
    },
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
  const { outcome, failure } = await crawler.ended;
  stopShowing();
  terminal.signal.removeEventListener('abort', stop);
  if (failure)
    throw new CommandError(`the crawl failed at the ${failure.part}: ${failure.message}`);
  for (const record of earlier.values()) summary.add(record);
  const { progress } = crawler;
  if (json)
    write(
      `${timedJson({ type: 'crawl.ended', outcome, ...progress, summary: summary.columns }, terminal)}\n`,
    );
  else {
    const end = `${ENDS[outcome]}: ${crawlLine(progress, seconds())}`;
    write(`${showsBar ? NO_BAR : ''}${timedLines(() => end, terminal)}\n`);
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

type Places = Awaited<ReturnType<typeof openPlaces>>;

/** The files first: they say what was visited. */
async function openPlaces(out: string, db: string | undefined) {
  const { openCrawlFiles } = await import('../crawl/crawl-files.ts');
  const files = await openCrawlFiles(out, { unixTimeMs });
  if (db === undefined) return files;
  try {
    const [{ databaseResults }, { SeveralResults }] = await Promise.all([
      import('../crawl/database-results.ts'),
      import('../crawl/several-results.ts'),
    ]);
    return { ...files, results: new SeveralResults([files.results, await databaseResults(db)]) };
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function openNetwork(data: CrawlNetworkData, ports: Partial<Ports>, places: Places) {
  try {
    return await openCrawlNetwork(data, ports);
  } catch (error) {
    await closeAll(places);
    throw error;
  }
}

async function closeAll({ results, queue }: Pick<Places, 'results' | 'queue'>): Promise<void> {
  await results.close();
  await queue.close();
}
