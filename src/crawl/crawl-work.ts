/**
 * The work of one crawl, on the commands of its chart: takes nodes from the queue, visits them, writes each record and then
 * acknowledges the task; nodes that are found meanwhile are added to the queue.
 */
import type {
  CrawlCommand,
  CrawlFailure,
  CrawlReport,
  CrawlSteps,
} from '../io/adapters/crawl-visitor.ts';
import type { Clock } from '../io/process/clock.ts';
import { thrownText } from '../io/process/thrown.ts';
import type { CrawlNetwork } from './crawl-network.ts';
import type { CrawlQueue, CrawlTask, NodeText, OfferResult } from './crawl-queue.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** Longest visit, in ms: more than the limits of all its steps. It is given back then. */
export const VISIT_TIMEOUT_MS = 120_000;

/** How often the queue learns that a visit goes on, in ms. Ours: a shared queue waits longer. */
export const EXTEND_EVERY_MS = 15_000;

/** What a crawl works with; it closes all three, the queue last. */
export type CrawlParts = {
  readonly queue: CrawlQueue;
  readonly results: CrawlResults;
  readonly network: CrawlNetwork;
};

export type CrawlWorkOptions = {
  /** Called once. What it had opened is closed when it rejects. */
  readonly open: () => Promise<CrawlParts>;
  /** Nodes that the crawl begins with, besides those that the network finds. */
  readonly seeds: readonly NodeText[];
  readonly clock: Clock;
  /** Called for each node that was offered to the queue. */
  readonly onOffer: (result: OfferResult) => void;
  /** Called for each record that is kept. */
  readonly onRecord: (record: VisitRecord) => void;
  /** Called for each visit that was given back. */
  readonly onReturned: () => void;
  readonly report: (event: CrawlReport) => void;
};

export class CrawlWork implements CrawlSteps {
  readonly #options: CrawlWorkOptions;
  readonly #search = new AbortController();
  /** Of the visits under way; at most as many as the chart takes. */
  readonly #visits = new Set<AbortController>();
  /** What has to end before everything is closed: the opening, the search, the visits. */
  readonly #running = new Set<Promise<void>>();
  #parts: CrawlParts | null = null;
  /** Nodes that were added so far. */
  #added = 0;
  #waitsForNode = false;
  #isDraining = false;

  constructor(options: CrawlWorkOptions) {
    this.#options = options;
  }

  carryOut({ type }: CrawlCommand): void {
    if (type === 'open') this.#run(this.#open());
    else if (type === 'take') this.#run(this.#take());
    else void this.#drain();
  }

  abandon(): void {
    if (!this.#isDraining) void this.#drain();
  }

  #run(work: Promise<void>): void {
    const ended = work
      .catch((error: unknown) => this.#fail('internal', error))
      .then(() => void this.#running.delete(ended));
    this.#running.add(ended);
  }

  async #open(): Promise<void> {
    try {
      this.#parts = await this.#options.open();
    } catch (error) {
      return this.#fail('network', error);
    }
    for (const node of this.#options.seeds) if (!(await this.#offer(node))) return;
    if (this.#isDraining) return;
    this.#options.report({ type: 'seeded' });
    this.#run(this.#find(this.#parts.network));
  }

  async #find(network: CrawlNetwork): Promise<void> {
    const { signal } = this.#search;
    try {
      for await (const node of network.found(signal))
        if (signal.aborted || !(await this.#offer(node))) return;
    } catch (error) {
      return this.#fail('network', error);
    }
    if (!signal.aborted) this.#options.report({ type: 'search.ended' });
  }

  /** False when the queue failed. */
  async #offer(node: NodeText): Promise<boolean> {
    try {
      const result = await this.#parts!.queue.offer(node);
      this.#options.onOffer(result);
      if (result !== 'added') return true;
    } catch (error) {
      this.#fail('queue', error);
      return false;
    }
    this.#added += 1;
    if (this.#waitsForNode) {
      this.#waitsForNode = false;
      this.#options.report({ type: 'node.added' });
    }
    return true;
  }

  async #take(): Promise<void> {
    this.#waitsForNode = false;
    const { queue } = this.#parts!;
    let task: CrawlTask | null;
    try {
      let before: number;
      do {
        before = this.#added;
        task = await queue.take(this.#search.signal);
      } while (task === null && before !== this.#added && !this.#isDraining);
    } catch (error) {
      return this.#fail('queue', error);
    }
    if (task && this.#isDraining) return this.#giveBack(task);
    if (task) {
      this.#options.report({ type: 'task.taken' });
      return this.#visit(task);
    }
    this.#waitsForNode = true;
    this.#options.report({ type: 'queue.empty' });
  }

  async #visit(task: CrawlTask): Promise<void> {
    const { clock, report } = this.#options;
    const visit = new AbortController();
    this.#visits.add(visit);
    const timeout = clock.setTimeout(() => visit.abort(), VISIT_TIMEOUT_MS);
    const stopExtending = this.#extend(task);
    try {
      await this.#record(task, visit.signal);
    } finally {
      stopExtending();
      clock.clearTimeout(timeout);
      this.#visits.delete(visit);
    }
    report({ type: 'visit.ended' });
  }

  /** Tells the queue now and then that the task is being worked on. @returns Ends it. */
  #extend(task: CrawlTask): () => void {
    const { clock } = this.#options;
    const again = (): unknown =>
      clock.setTimeout(() => {
        task.extend().catch((error: unknown) => this.#fail('queue', error));
        timer = again();
      }, EXTEND_EVERY_MS);
    let timer = again();
    return () => clock.clearTimeout(timer);
  }

  /** The record is kept before the task is acknowledged: a process that dies in between visits the node again. */
  async #record(task: CrawlTask, signal: AbortSignal): Promise<void> {
    const { network, results } = this.#parts!;
    const { node, firstSeen } = task;
    let record: VisitRecord;
    try {
      record = { ...(await network.visit(node, signal)), firstSeen };
    } catch {
      return this.#giveBack(task); // it was ended before it was complete
    }
    try {
      await results.write(record);
    } catch (error) {
      this.#fail('results', error);
      return this.#giveBack(task);
    }
    this.#options.onRecord(record);
    await task.ack().catch((error: unknown) => this.#fail('queue', error));
  }

  async #giveBack(task: CrawlTask): Promise<void> {
    this.#options.onReturned();
    await task.retry().catch((error: unknown) => this.#fail('queue', error));
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    this.#search.abort();
    for (const visit of this.#visits) visit.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
    const { network, results, queue } = this.#parts ?? {};
    const failures = [
      await closed('network', network),
      await closed('results', results),
      await closed('queue', queue),
    ];
    this.#options.report({
      type: 'drained',
      failure: failures.find((failure) => failure !== null) ?? null,
    });
  }

  #fail(part: CrawlFailure['part'], error: unknown): void {
    this.#options.report({ type: 'crawl.failed', failure: { part, message: thrownText(error) } });
  }
}

async function closed(
  part: CrawlFailure['part'],
  closable: { close(): Promise<void> } | undefined,
): Promise<CrawlFailure | null> {
  try {
    await closable?.close();
    return null;
  } catch (error) {
    return { part, message: thrownText(error) };
  }
}
