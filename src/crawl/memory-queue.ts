/** A queue of a crawl in the memory of one process. What must outlast the process is kept by the journal. */
import {
  type CrawlQueue,
  type CrawlTask,
  MAX_DELIVERIES,
  type NodeText,
  type OfferResult,
  VISIT_INTERVAL_MS,
} from './crawl-queue.ts';

/** Nodes that a queue knows at most; about 400 bytes each. Ours: several times the nodes of Ethereum's discovery. */
const MAX_QUEUED_NODES = 200_000;

export type MemoryQueueOptions = {
  /** Time of day, in ms since 1970. */
  readonly unixTimeMs: () => number;
  /** Most nodes it knows; 200,000 unless given. */
  readonly maxNodes?: number;
};

/** All in one place: a node waits, is visited, or was visited. */
type Known = {
  readonly node: NodeText;
  readonly firstSeen: number;
  /** How often it was given out since it was added. */
  readonly deliveries: number;
  /** When its latest visit ended; null when there was none. */
  readonly visitedAt: number | null;
};

export class MemoryQueue implements CrawlQueue {
  readonly #unixTimeMs: () => number;
  readonly #maxNodes: number;
  /** By id, at most `#maxNodes`. */
  readonly #known = new Map<string, Known>();
  /** Ids of those to visit, in the order of their arrival; a part of the known ones. */
  readonly #waiting = new Set<string>();
  readonly #visiting = new Set<string>();
  #isClosed = false;
  #visited = 0;
  #givenUp = 0;

  constructor({ unixTimeMs, maxNodes = MAX_QUEUED_NODES }: MemoryQueueOptions) {
    this.#unixTimeMs = unixTimeMs;
    this.#maxNodes = maxNodes;
  }

  /** `givenUp`: nodes whose visits were given back too often. */
  get counts() {
    return {
      known: this.#known.size,
      waiting: this.#waiting.size,
      visiting: this.#visiting.size,
      visited: this.#visited,
      givenUp: this.#givenUp,
    };
  }

  offer(node: NodeText): Promise<OfferResult> {
    return Promise.resolve(this.add(node));
  }

  /** {@link offer}, at once. @param firstSeen When it was found before, in ms since 1970. */
  add(node: NodeText, firstSeen = this.#unixTimeMs()): OfferResult {
    const known = this.#known.get(node.id);
    if (known) {
      if (known.visitedAt === null || this.#unixTimeMs() - known.visitedAt < VISIT_INTERVAL_MS)
        return 'known';
    } else if (this.#known.size >= this.#maxNodes) return 'full';
    this.#known.set(node.id, {
      node,
      firstSeen: known?.firstSeen ?? firstSeen,
      deliveries: 0,
      visitedAt: null,
    });
    this.#waiting.add(node.id);
    return 'added';
  }

  /** The node was visited, in this crawl or in one before. @param at When, in ms since 1970. */
  markVisited(node: NodeText, firstSeen: number, at: number): void {
    if (!this.#known.has(node.id) && this.#known.size >= this.#maxNodes) return;
    this.#waiting.delete(node.id);
    this.#visiting.delete(node.id);
    this.#known.set(node.id, { node, firstSeen, deliveries: 0, visitedAt: at });
  }

  take(signal: AbortSignal): Promise<CrawlTask | null> {
    if (signal.aborted || this.#isClosed) return Promise.resolve(null);
    for (const id of this.#waiting) return Promise.resolve(this.#deliver(id));
    return Promise.resolve(null);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const id of this.#visiting) this.#waiting.add(id);
    this.#visiting.clear();
    return Promise.resolve();
  }

  #deliver(id: string): CrawlTask {
    this.#waiting.delete(id);
    this.#visiting.add(id);
    const known = this.#known.get(id)!;
    this.#known.set(id, { ...known, deliveries: known.deliveries + 1 });
    const { node, firstSeen } = known;
    let hasEnded = false;
    /** Runs once, while the task is still ours. */
    const end = (run: () => void): Promise<void> => {
      if (!hasEnded && this.#visiting.delete(id)) run();
      hasEnded = true;
      return Promise.resolve();
    };
    return {
      node,
      firstSeen,
      ack: () =>
        end(() => {
          this.#visited += 1;
          this.markVisited(node, firstSeen, this.#unixTimeMs());
        }),
      retry: () => end(() => this.#giveBack(id)),
      extend: () => Promise.resolve(),
    };
  }

  /** At the end of the queue: a node that breaks visits does not hold up the others. */
  #giveBack(id: string): void {
    const known = this.#known.get(id)!;
    if (known.deliveries < MAX_DELIVERIES) this.#waiting.add(id);
    else {
      this.#givenUp += 1;
      this.#known.set(id, { ...known, visitedAt: this.#unixTimeMs() });
    }
  }
}
