/** Where `crawl` has its queue and writes its records: files, a database, and streams of NATS that many machines share. */
import type { CrawlQueue } from '../crawl/crawl-queue.ts';
import type { CrawlResults, VisitRecord } from '../crawl/visit-record.ts';
import { CommandError } from './error.ts';

export type PlaceOptions = {
  /** File for the records, with a journal of the queue beside it. */
  readonly out?: string;
  /** `sqlite:<file>` or `postgres://…`. */
  readonly db?: string;
  /** A NATS server that has the queue, and gets the records too. */
  readonly queue?: string;
  /** Time of day, in ms since 1970. */
  readonly unixTimeMs: () => number;
};

export type CrawlPlaces = {
  readonly queue: CrawlQueue;
  readonly results: CrawlResults;
  /** Records that were in the file already, the latest of each node. */
  readonly records: ReadonlyMap<string, VisitRecord>;
  /** What the shared queue counted; null for one that is not shared. */
  readonly shared: () => SharedCounts | null;
};

/** Visits of this crawler: `redelivered` had been given to another one before, `duplicates` were made by another one too. */
export type SharedCounts = {
  readonly redelivered: number;
  readonly duplicates: number;
  readonly givenUp: number;
};

/**
 * Opens all of them; a crawl closes what it gets.
 * @throws {CommandError} There is no place for the records. @throws {NatsError} @throws {ResultsError} @throws {NdjsonError}
 */
export async function openPlaces({
  out,
  db,
  queue: url,
  unixTimeMs,
}: PlaceOptions): Promise<CrawlPlaces> {
  if (out === undefined && db === undefined && url === undefined)
    throw new CommandError('the records have no place: name one with --out, --db or --queue');
  const opened: { close(): Promise<void> }[] = [];
  const keep = <Place extends { close(): Promise<void> }>(place: Place): Place => {
    opened.push(place);
    return place;
  };
  try {
    const files = out === undefined ? null : await openFiles(out, unixTimeMs);
    if (files) keep(files.queue);
    const places = files ? [keep(files.results)] : [];
    if (db !== undefined) places.push(keep(await openDatabase(db)));
    const shared = url === undefined ? null : await openShared(url, unixTimeMs, keep);
    if (shared) places.push(shared.results);
    const { SeveralResults } = await import('../crawl/several-results.ts');
    return {
      queue: shared
        ? closedWith(shared.queue, files?.queue)
        : (files?.queue ?? (await memoryQueue(unixTimeMs))),
      results: new SeveralResults(places),
      records: files?.records ?? new Map(),
      shared: () => shared?.queue.counts ?? null,
    };
  } catch (error) {
    await Promise.allSettled(opened.map((place) => place.close()));
    throw error;
  }
}

async function openFiles(path: string, unixTimeMs: () => number) {
  const { openCrawlFiles } = await import('../crawl/crawl-files.ts');
  return openCrawlFiles(path, { unixTimeMs });
}

async function openDatabase(url: string): Promise<CrawlResults> {
  const { databaseResults } = await import('../crawl/database-results.ts');
  return databaseResults(url);
}

async function memoryQueue(unixTimeMs: () => number): Promise<CrawlQueue> {
  const { MemoryQueue } = await import('../crawl/memory-queue.ts');
  return new MemoryQueue({ unixTimeMs });
}

/** Two connections: the queue and the results are closed apart. */
async function openShared(
  url: string,
  unixTimeMs: () => number,
  keep: <Place extends { close(): Promise<void> }>(place: Place) => Place,
) {
  const [{ openJetStream, parseJetStreamUrl }, { jetStreamQueue }, { JetStreamResults }] =
    await Promise.all([
      import('../jetstream/jetstream.ts'),
      import('../crawl/jetstream-queue.ts'),
      import('../crawl/jetstream-results.ts'),
    ]);
  const server = parseJetStreamUrl(url);
  const queue = await jetStreamQueue(keep(await openJetStream(server)), { unixTimeMs });
  const results = await JetStreamResults.open(keep(await openJetStream(server)));
  return { queue, results };
}

/** The queue of the files is not used then; it is closed with the other one. */
const closedWith = (queue: CrawlQueue, other: CrawlQueue | undefined): CrawlQueue => ({
  offer: (node) => queue.offer(node),
  take: (signal) => queue.take(signal),
  close: async () => {
    await queue.close();
    await other?.close();
  },
});
