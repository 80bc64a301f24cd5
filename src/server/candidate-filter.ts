/** Passes over nodes that the option `candidateFilter` does not want, before a dial is spent on them, and counts them. */
import { type Node, type NodeLike, parseNode } from '../io/crypto/node.ts';
import type { Clock } from '../io/process/clock.ts';

/** Nodes of a source that are passed over in a row without a pause. Ours. */
export const MAX_PASSED_OVER = 64;

/** Pause after that many, in ms: a source that has only such nodes must not take all the time of the process. Ours. */
export const FILTER_PAUSE_MS = 100;

export type CandidateFilterParts = {
  readonly filter: (node: Node) => boolean;
  readonly clock: Clock;
  /** Gets what the filter throws; the node passes. */
  readonly onFault: (error: unknown) => void;
};

export class CandidateFilter {
  readonly #parts: CandidateFilterParts;
  /** By the name of their source: as many as a mix of sources has at most. */
  readonly #passedOver = new Map<string, number>();

  constructor(parts: CandidateFilterParts) {
    this.#parts = parts;
  }

  /** Nodes that were passed over, by the name of their source. */
  get passedOver(): ReadonlyMap<string, number> {
    return this.#passedOver;
  }

  /** The nodes of a source that pass. It is opened and read by who reads the result. */
  of(name: string, source: AsyncIterable<NodeLike>): AsyncIterable<NodeLike> {
    this.#passedOver.set(name, this.#passedOver.get(name) ?? 0);
    return {
      [Symbol.asyncIterator]: () =>
        new FilteredNodes(source[Symbol.asyncIterator](), {
          clock: this.#parts.clock,
          passes: (given) => this.#passes(name, given),
        }),
    };
  }

  /** What is no node passes: its reader says what is wrong with it. */
  #passes(name: string, given: NodeLike): boolean {
    const node = nodeOf(given);
    if (!node) return true;
    try {
      if (this.#parts.filter(node)) return true;
    } catch (error) {
      this.#parts.onFault(error);
      return true;
    }
    this.#passedOver.set(name, (this.#passedOver.get(name) ?? 0) + 1);
    return false;
  }
}

/** A node that was read before is not read again: that costs the check of a signature. */
function nodeOf(given: NodeLike): Node | null {
  if (typeof given === 'object' && 'record' in given) return given as Node;
  try {
    return parseNode(given);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

type Rules = { readonly clock: Clock; readonly passes: (given: NodeLike) => boolean };

class FilteredNodes implements AsyncIterator<NodeLike> {
  readonly #source: AsyncIterator<NodeLike>;
  readonly #rules: Rules;
  #passedOver = 0;
  #isClosed = false;
  #endPause: () => void = () => {};

  constructor(source: AsyncIterator<NodeLike>, rules: Rules) {
    this.#source = source;
    this.#rules = rules;
  }

  async next(): Promise<IteratorResult<NodeLike>> {
    while (!this.#isClosed) {
      const { done, value } = await this.#source.next();
      if (done) break;
      if (this.#rules.passes(value)) {
        this.#passedOver = 0;
        return { done: false, value };
      }
      this.#passedOver += 1;
      if (this.#passedOver % MAX_PASSED_OVER === 0) await this.#pause();
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<NodeLike>> {
    this.#isClosed = true;
    this.#endPause();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  #pause(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const { clock } = this.#rules;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, FILTER_PAUSE_MS);
      this.#endPause = () => {
        clock.clearTimeout(timer);
        resolve();
      };
    });
  }
}
