/**
 * A crawl in two files that it can be resumed from: one with a record for each visit, and a journal beside it with the nodes
 * that were found. A node whose record is there was visited; the journal is removed when no node is left.
 */
import { unlink } from 'node:fs/promises';
import type { CrawlQueue, CrawlTask, NodeText, OfferResult } from './crawl-queue.ts';
import { MemoryQueue, type MemoryQueueOptions } from './memory-queue.ts';
import { NdjsonFile } from './ndjson-file.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** The journal of `nodes.ndjson` is `nodes.ndjson.journal`. */
const JOURNAL = '.journal';

type JournalLine = NodeText & { readonly firstSeen: number };

export type CrawlFiles = {
  readonly queue: CrawlQueue & Pick<MemoryQueue, 'counts'>;
  readonly results: CrawlResults;
  /** Records that were in the file already, the latest of each node. */
  readonly records: ReadonlyMap<string, VisitRecord>;
};

/**
 * Opens the files of a new crawl, or of one that goes on.
 *
 * @throws {NdjsonError} A file is there and is none of a crawl. The error of the system when one cannot be opened.
 */
export async function openCrawlFiles(
  path: string,
  options: MemoryQueueOptions,
): Promise<CrawlFiles> {
  const memory = new MemoryQueue(options);
  const records = new Map<string, VisitRecord>();
  const results = await NdjsonFile.open(path, (value) => {
    const record = asRecord(value);
    records.set(record.id, record);
  });
  for (const { id, enode, record, firstSeen, at } of records.values())
    memory.markVisited({ id, text: record ?? enode }, firstSeen, at);
  try {
    const journal = await NdjsonFile.open(`${path}${JOURNAL}`, (value) => {
      const { id, text, firstSeen } = asJournalLine(value);
      const isVisited = firstSeen <= (records.get(id)?.at ?? Number.NEGATIVE_INFINITY);
      if (!isVisited) memory.add({ id, text }, firstSeen);
    });
    return {
      queue: new JournaledQueue(memory, journal, options.unixTimeMs),
      results: { write: (record) => results.append(record), close: () => results.close() },
      records,
    };
  } catch (error) {
    await results.close();
    throw error;
  }
}

class JournaledQueue implements CrawlQueue {
  readonly #memory: MemoryQueue;
  readonly #journal: NdjsonFile;
  readonly #unixTimeMs: () => number;

  constructor(memory: MemoryQueue, journal: NdjsonFile, unixTimeMs: () => number) {
    this.#memory = memory;
    this.#journal = journal;
    this.#unixTimeMs = unixTimeMs;
  }

  get counts() {
    return this.#memory.counts;
  }

  /** It may be visited before it is in the journal: then its record says that it is known. */
  async offer({ id, text }: NodeText): Promise<OfferResult> {
    const firstSeen = this.#unixTimeMs();
    const result = this.#memory.add({ id, text }, firstSeen);
    if (result === 'added') await this.#journal.append({ id, text, firstSeen });
    return result;
  }

  take(signal: AbortSignal): Promise<CrawlTask | null> {
    return this.#memory.take(signal);
  }

  async close(): Promise<void> {
    await this.#memory.close();
    await this.#journal.close();
    if (this.#memory.counts.waiting === 0) await unlink(this.#journal.path);
  }
}

/** Only what is needed to go on is checked. @throws {TypeError} */
function asRecord(value: unknown): VisitRecord {
  const { id, enode, firstSeen, at, outcome, reason } = (value ?? {}) as Partial<VisitRecord>;
  const isRecord =
    isId(id) &&
    typeof enode === 'string' &&
    typeof firstSeen === 'number' &&
    typeof at === 'number';
  if (!isRecord || typeof outcome !== 'string' || typeof reason !== 'string')
    throw new TypeError('it is no record of a visit');
  return value as VisitRecord;
}

function asJournalLine(value: unknown): JournalLine {
  const { id, text, firstSeen } = (value ?? {}) as Partial<JournalLine>;
  if (!isId(id) || typeof text !== 'string' || typeof firstSeen !== 'number')
    throw new TypeError('it is no node of a journal');
  return { id, text, firstSeen };
}

const isId = (id: unknown): id is string => typeof id === 'string' && /^[0-9a-f]{64}$/.test(id);
