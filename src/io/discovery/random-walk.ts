/**
 * An endless iterator of nodes: one lookup of a random target after another, as their nodes are taken. In a network
 * that has nothing new the pauses between lookups grow.
 */
import type { Node } from '../crypto/node.ts';
import type { Clock } from '../process/clock.ts';

/** Shortest pause from the end of a lookup to the next one, in ms. Source: go-ethereum p2p/discover/lookup.go. */
export const MIN_WALK_PAUSE_MS = 1_000;

/** Longest pause, in ms: each lookup without a new node doubles it. Ours: go-ethereum looks on at full speed. */
export const MAX_WALK_PAUSE_MS = 60_000;

/** Nodes of a lookup that wait to be taken: more than a lookup of 64 answers can find. The rest is dropped. */
export const MAX_WAITING_NODES = 1_100;

/** Nodes that count as known; the one that was found least recently is forgotten first. */
export const MAX_KNOWN_NODES = 10_000;

/**
 * Runs one lookup of a random target: calls `onNode` with each node that it finds, and then `onEnd` once. It must end by
 * itself. @returns ends it, without calls after that. A throw ends the walk.
 */
type WalkLookup = (onNode: (node: Node) => void, onEnd: () => void) => () => void;

export type RandomWalkOptions = {
  readonly clock: Clock;
  readonly lookUp: WalkLookup;
  /** A lookup found no node at all: the table may need a refresh. */
  readonly onNothingFound?: () => void;
};

type Taker = {
  readonly resolve: (result: IteratorResult<Node>) => void;
  readonly reject: (error: unknown) => void;
};

/** Ends only when it is closed. A lookup begins when all nodes of the last one are taken and another one is wanted. */
export class RandomWalk implements AsyncIterableIterator<Node> {
  readonly #options: RandomWalkOptions;
  /** At most `MAX_WAITING_NODES`. */
  readonly #waiting: Node[] = [];
  /** At most `MAX_KNOWN_NODES`, least recently found first. */
  readonly #known = new Set<string>();
  /** Those who called `next`. */
  readonly #takers: Taker[] = [];
  #pauseMs = MIN_WALK_PAUSE_MS;
  /** When the next lookup may begin, by the clock. */
  #restUntil = Number.NEGATIVE_INFINITY;
  #timer: unknown = null;
  /** Of the lookup that runs. */
  #cancel: (() => void) | null = null;
  #isClosed = false;

  constructor(options: RandomWalkOptions) {
    this.#options = options;
  }

  next(): Promise<IteratorResult<Node>> {
    if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Closes it. */
  return(): Promise<IteratorResult<Node>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the lookup that runs. Who waits for a node gets the end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.clock.clearTimeout(this.#timer);
    this.#cancel?.();
    this.#waiting.length = 0;
    this.#known.clear();
    for (const { resolve } of this.#takers.splice(0)) resolve({ done: true, value: undefined });
  }

  /** Gives what there is, and begins a lookup when that is not enough. */
  #serve(): void {
    while (this.#takers.length > 0 && this.#waiting.length > 0)
      this.#takers.shift()?.resolve({ done: false, value: this.#waiting.shift()! });
    if (this.#takers.length === 0 || this.#cancel || this.#timer !== null) return;
    const { clock } = this.#options;
    const restMs = this.#restUntil - clock.now();
    if (restMs <= 0) this.#begin();
    else
      this.#timer = clock.setTimeout(() => {
        this.#timer = null;
        this.#serve();
      }, restMs);
  }

  #begin(): void {
    let found = 0;
    let fresh = 0;
    let isOver = false;
    const onNode = (node: Node): void => {
      if (isOver || this.#isClosed) return;
      found += 1;
      if (this.#note(node.id)) fresh += 1;
      if (this.#waiting.length < MAX_WAITING_NODES) this.#waiting.push(node);
      this.#serve();
    };
    const onEnd = (): void => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      this.#cancel = null;
      this.#pauseMs =
        fresh > 0 ? MIN_WALK_PAUSE_MS : Math.min(2 * this.#pauseMs, MAX_WALK_PAUSE_MS);
      this.#restUntil = this.#options.clock.now() + this.#pauseMs;
      if (found === 0) this.#options.onNothingFound?.();
      this.#serve();
    };
    this.#cancel = () => {}; // a lookup may report before it returns
    try {
      const cancel = this.#options.lookUp(onNode, onEnd);
      if (!isOver) this.#cancel = cancel;
    } catch (error) {
      for (const { reject } of this.#takers.splice(0)) reject(error);
      this.close();
    }
  }

  /** @returns whether it was not known. */
  #note(id: string): boolean {
    const isKnown = this.#known.delete(id);
    this.#known.add(id);
    if (this.#known.size > MAX_KNOWN_NODES) this.#known.delete(this.#known.keys().next().value!);
    return !isKnown;
  }
}
