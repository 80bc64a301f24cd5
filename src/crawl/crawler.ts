/** One crawl from its start to its end: runs its chart, and counts what it does. */
import { Inspection } from '../actors/inspection.ts';
import { type Ending, runActor } from '../actors/run-actor.ts';
import { crawlVisitor } from '../io/adapters/crawl-visitor.ts';
import type { Clock } from '../io/process/clock.ts';
import { type CrawlOutput, crawlMachine, POLL_PAUSE_MS } from '../machines/crawl/crawl.ts';
import type { NodeText } from './crawl-queue.ts';
import { type CrawlParts, CrawlWork } from './crawl-work.ts';
import type { VisitOutcome, VisitRecord } from './visit-record.ts';

/** Longest crawl unless told otherwise, in ms: a week. Ours. */
const MAX_CRAWL_MS = 7 * 86_400_000;

export type CrawlOptions = {
  /** Opens what the crawl works with, which it closes at its end. Called once. */
  readonly open: () => Promise<CrawlParts>;
  /** Nodes to begin with, besides those that the network finds. */
  readonly seeds?: readonly NodeText[];
  /** Most visits at once. */
  readonly parallel: number;
  /** Most visits that begin in one second. */
  readonly perSecond: number;
  /** Time without a node to visit after which it is finished, in ms. */
  readonly idleMs: number;
  /** Longest crawl, in ms; a week unless given. */
  readonly maxMs?: number;
  readonly clock: Clock;
  /** Called for each record that is kept. */
  readonly onRecord?: (record: VisitRecord) => void;
};

export type CrawlProgress = {
  /** Nodes that were added to the queue by this crawl; `full`: those it had no room for. */
  readonly added: number;
  readonly full: number;
  /** Visits under way. */
  readonly visiting: number;
  readonly visited: number;
  /** Visits that were not completed, and whose nodes went back into the queue. */
  readonly returned: number;
} & Readonly<Record<VisitOutcome, number>>;

export class Crawler {
  /** How it ended. Never rejects. */
  readonly ended: Promise<CrawlOutput>;
  readonly #actor;
  readonly #counts = {
    ...{ added: 0, full: 0, known: 0, visited: 0, returned: 0 },
    ...{ accepted: 0, rejected: 0, refused: 0, failed: 0 },
  };

  /** Begins at once. */
  constructor({ open, seeds = [], clock, onRecord, ...options }: CrawlOptions) {
    const counts = this.#counts;
    const visitor = crawlVisitor(
      (report) =>
        new CrawlWork({
          ...{ open, seeds, clock, report },
          onOffer: (result) => {
            counts[result] += 1;
          },
          onRecord: (record) => {
            counts.visited += 1;
            counts[record.outcome] += 1;
            onRecord?.(record);
          },
          onReturned: () => {
            counts.returned += 1;
          },
        }),
    );
    let end = (_: CrawlOutput): void => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#actor = runActor(crawlMachine.provide({ actors: { visitor } }), {
      id: 'crawl',
      input: {
        parallel: options.parallel,
        visitIntervalMs: 1_000 / options.perSecond,
        emptyPolls: Math.ceil(options.idleMs / POLL_PAUSE_MS),
        maxMs: options.maxMs ?? MAX_CRAWL_MS,
      },
      clock,
      inspection: new Inspection(() => {}),
      settle: (ending) => end(outputOf(ending, counts.visited)),
    });
  }

  get progress(): CrawlProgress {
    const { known: _, ...counts } = this.#counts;
    return { ...counts, visiting: this.#actor.getSnapshot().context.visiting };
  }

  /** Nodes that are being visited stay in the queue. */
  stop(): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'stop' });
  }
}

/** An error of ours in the chart is a failure too. */
function outputOf(ending: Ending<CrawlOutput>, visited: number): CrawlOutput {
  if (ending.status === 'done') return ending.output;
  const message = ending.status === 'error' ? String(ending.error) : 'it was stopped';
  return { outcome: 'failed', visited, failure: { part: 'internal', message } };
}
