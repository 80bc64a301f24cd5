/**
 * Asks peers for the transactions that they announced, while transactions are read: in batches, each transaction from one peer
 * at a time, and from another one when the first does not give it.
 * Source of the limits: go-ethereum eth/fetcher/tx_fetcher.go.
 */
import type { Clock } from '../io/process/clock.ts';

/** Announced transactions of one peer that wait; more are not asked for, and counted. Source: `maxTxAnnounces`. */
export const MAX_WAITING_HASHES = 4_096;

/** Hashes in one request. Source: `maxTxRetrievals`. */
export const MAX_REQUESTED_HASHES = 256;

/** Announced bytes in one request, unless a single transaction has more. Source: `maxTxRetrievalSize`. */
export const MAX_REQUESTED_BYTES = 128 * 1024;

/** Wait for a transaction to come by itself before it is asked for, in ms. Source: `txArriveTimeout`. */
export const ARRIVAL_MS = 500;

/** Longest wait for an answer before others are asked, in ms. Source: `txFetchTimeout`. */
export const RETRIEVAL_TIMEOUT_MS = 5_000;

/** One peer, as far as it is needed here. */
export type Source = {
  /** Sends a request. @returns Its id; null when it cannot be sent. */
  request(hashes: readonly string[]): bigint | null;
};

export type RetrievalHooks = {
  /** How many transactions more can be taken: nothing is asked for while there is no room for a request. */
  readonly room: () => number;
  /** Whether it came already. */
  readonly isReceived: (hash: string) => boolean;
  /** So many announced transactions will not be asked for. */
  readonly onMissed: (count: number) => void;
};

type Asked = {
  readonly id: bigint;
  readonly hashes: readonly string[];
  readonly timer: unknown;
};

type SourceState = {
  readonly clock: Clock;
  /** Sizes by hash, in the order of the announcements. At most MAX_WAITING_HASHES. */
  readonly waiting: Map<string, number>;
  /** One request at a time. */
  asked: Asked | null;
  /** Null when nothing waits for its time. */
  timer: unknown;
};

export class TransactionRetrieval {
  readonly #hooks: RetrievalHooks;
  /** Bounded by the peers of the server. */
  readonly #sources = new Map<Source, SourceState>();
  /** Hashes that a peer was asked for and has not answered. At most MAX_REQUESTED_HASHES for each source. */
  readonly #asked = new Set<string>();
  /** Something waits for room. */
  #isPaused = false;

  constructor(hooks: RetrievalHooks) {
    this.#hooks = hooks;
  }

  add(source: Source, clock: Clock): void {
    this.#sources.set(source, { clock, waiting: new Map(), asked: null, timer: null });
  }

  remove(source: Source): void {
    const state = this.#sources.get(source);
    if (!state) return;
    this.#sources.delete(source);
    state.clock.clearTimeout(state.timer);
    if (state.asked) this.#release(state, state.asked);
    this.#continue();
  }

  /** Transactions that a peer announced. */
  announce(
    source: Source,
    announced: Iterable<{ readonly hash: string; readonly size: number }>,
  ): void {
    const state = this.#sources.get(source);
    if (!state) return;
    let missed = 0;
    for (const { hash, size } of announced) {
      if (this.#hooks.isReceived(hash)) continue;
      if (state.waiting.size >= MAX_WAITING_HASHES && !state.waiting.has(hash)) missed += 1;
      else state.waiting.set(hash, size);
    }
    if (missed > 0) this.#hooks.onMissed(missed);
    if (state.waiting.size > 0 && state.asked === null) this.#wait(source, state);
  }

  /** The answer to the request `id`: what is behind its last transaction is asked for again, what is missing before it from others. */
  answered(source: Source, id: bigint, hashes: readonly string[]): void {
    const state = this.#sources.get(source);
    if (state?.asked?.id !== id) return;
    const { asked } = state;
    this.#release(state, asked);
    const last = asked.hashes.lastIndexOf(hashes.at(-1) ?? '');
    for (const [index, hash] of asked.hashes.entries())
      if (last === -1 || index <= last) state.waiting.delete(hash);
    this.#continue();
  }

  /** To be called when there may be room again. */
  resume(): void {
    if (this.#isPaused && this.#hasRoom) this.#continue();
  }

  get #hasRoom(): boolean {
    return this.#hooks.room() - this.#asked.size >= MAX_REQUESTED_HASHES;
  }

  #wait(source: Source, state: SourceState): void {
    if (state.timer !== null) return;
    state.timer = state.clock.setTimeout(() => {
      state.timer = null;
      this.#ask(source, state);
    }, ARRIVAL_MS);
  }

  #continue(): void {
    this.#isPaused = false;
    for (const [source, state] of this.#sources)
      if (state.asked === null && state.timer === null) this.#ask(source, state);
  }

  #ask(source: Source, state: SourceState): void {
    if (state.asked !== null) return;
    if (!this.#hasRoom) {
      this.#isPaused = true;
      return;
    }
    const hashes = this.#next(state);
    if (hashes.length === 0) return;
    const id = source.request(hashes);
    if (id === null) return;
    for (const hash of hashes) this.#asked.add(hash);
    const timer = state.clock.setTimeout(() => this.#giveUp(source, id), RETRIEVAL_TIMEOUT_MS);
    state.asked = { id, hashes, timer };
  }

  /** What to ask this peer for: nothing that came meanwhile, and nothing that another one is asked for. */
  #next({ waiting }: SourceState): readonly string[] {
    const hashes: string[] = [];
    let bytes = 0;
    for (const [hash, size] of waiting) {
      if (this.#hooks.isReceived(hash)) {
        waiting.delete(hash);
        continue;
      }
      if (this.#asked.has(hash)) continue;
      if (hashes.length > 0 && bytes + size > MAX_REQUESTED_BYTES) break;
      hashes.push(hash);
      bytes += size;
      if (hashes.length === MAX_REQUESTED_HASHES) break;
    }
    return hashes;
  }

  /** The peer does not answer: it is not asked for these again. */
  #giveUp(source: Source, id: bigint): void {
    const state = this.#sources.get(source);
    if (state?.asked?.id !== id) return;
    const { asked } = state;
    this.#release(state, asked);
    for (const hash of asked.hashes) state.waiting.delete(hash);
    this.#continue();
  }

  #release(state: SourceState, { hashes, timer }: Asked): void {
    state.clock.clearTimeout(timer);
    state.asked = null;
    for (const hash of hashes) this.#asked.delete(hash);
  }
}
