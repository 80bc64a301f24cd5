/**
 * What a crawl does, as one actor: it takes nodes from the queue, visits them, writes the records, and adds the nodes that are
 * found to the queue. How, is left to `src/crawl`.
 */
import { type EventObject, fromCallback } from 'xstate';

/** An error of the crawl itself; what a visited node does is a record. */
export type CrawlFailure = {
  readonly part: 'network' | 'queue' | 'results' | 'internal';
  /** A sentence. */
  readonly message: string;
};

export type CrawlCommand =
  /** The parts are opened; nodes are looked for from now on. Answered with `seeded` or `crawl.failed`. */
  | { readonly type: 'open' }
  /** Answered with `task.taken`, and then the node is visited, or with `queue.empty`. */
  | { readonly type: 'take' }
  /** Ends the search and the visits, whose nodes stay in the queue, and closes everything. Answered with `drained`. */
  | { readonly type: 'drain' };

export type CrawlReport =
  | { readonly type: 'seeded' }
  | { readonly type: 'task.taken' }
  /** There was nothing to visit, and nothing was added since. */
  | { readonly type: 'queue.empty' }
  /** After `queue.empty`, once: there is a node to visit again. */
  | { readonly type: 'node.added' }
  /** No other node will be found. */
  | { readonly type: 'search.ended' }
  /** One for each task: its record is written, or it was given back. */
  | { readonly type: 'visit.ended' }
  | { readonly type: 'crawl.failed'; readonly failure: CrawlFailure }
  /** `failure`: what could not be closed. */
  | { readonly type: 'drained'; readonly failure: CrawlFailure | null };

export type CrawlSteps = {
  carryOut(command: CrawlCommand): void;
  /** Ends what is still under way, without a report. */
  abandon(): void;
};

/** @param open Makes what does the steps of one crawl. */
export const crawlVisitor = (open: (report: (event: CrawlReport) => void) => CrawlSteps) =>
  fromCallback<CrawlCommand>(({ sendBack, receive }) => {
    let isOver = false;
    const steps = open((event) => {
      if (!isOver) sendBack(event as EventObject);
    });
    receive((command) => steps.carryOut(command));
    return () => {
      isOver = true;
      steps.abandon();
    };
  });
