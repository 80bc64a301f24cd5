/**
 * Queries for TXT records: at a rate that name servers bear, each with a time limit, so that a silent one delays only who
 * asked it. What the texts mean is left to others.
 */
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import { thrownText } from '../process/thrown.ts';
import { TokenBucket } from '../process/token-bucket.ts';

/** Queries in a second. Source: go-ethereum p2p/dnsdisc/client.go. */
export const TXT_QUERIES_PER_SECOND = 3;

/** Queries that may follow each other at once. Source: go-ethereum p2p/dnsdisc/client.go. */
export const TXT_QUERY_BURST = 10;

/** Longest wait for a name server, in ms. Source: go-ethereum p2p/dnsdisc/client.go. */
export const TXT_TIMEOUT_MS = 5_000;

/** Queries that wait for their turn. Ours: more than there are trees, each of which has one. */
export const MAX_WAITING_QUERIES = 64;

/** TXT records of one name that are looked at; a node list has one. Ours. */
export const MAX_TXT_RECORDS = 16;

/** How long a query that found no token waits, in ms. */
const TOKEN_PAUSE_MS = 1_000 / TXT_QUERIES_PER_SECOND;

/**
 * Looks up the TXT records of a name: the strings of each. It is aborted when the answer is not wanted any more.
 * Rejects with an `ENOTFOUND` or `ENODATA` of Node when there are none, and with anything else when it failed.
 */
export type TxtResolver = (
  name: string,
  options: { readonly signal: AbortSignal },
) => Promise<readonly (readonly string[])[]>;

/** Why there are no texts. */
export type QueryFailure = 'noTxtRecord' | 'queryFailed' | 'queryTimedOut' | 'tooManyQueries';

export type TxtAnswer =
  /** The strings of each record, joined. */
  | { readonly texts: readonly string[] }
  | { readonly failure: QueryFailure; readonly detail: string };

type Query = { readonly name: string; readonly done: (answer: TxtAnswer) => void; cancel(): void };

/** Codes of Node for a name that exists without such records, or does not exist. */
const NOTHING_THERE: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);

export class TxtQueries {
  readonly #resolve: TxtResolver;
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  /** First come, first served. At most `MAX_WAITING_QUERIES`. */
  readonly #waiting = new Set<Query>();
  /** Set while a query waits. */
  #timer: unknown = null;

  constructor(resolve: TxtResolver, clock: Clock) {
    this.#resolve = resolve;
    this.#clock = clock;
    this.#bucket = new TokenBucket({
      ...{ clock, size: TXT_QUERY_BURST, perSecond: TXT_QUERIES_PER_SECOND },
    });
  }

  /** @param done Called once, never before this returns. @returns Cancels: `done` is not called after it. */
  find(name: string, done: (answer: TxtAnswer) => void): () => void {
    const query: Query = { name, done, cancel: () => this.#withdraw(query) };
    if (this.#waiting.size < MAX_WAITING_QUERIES) {
      this.#waiting.add(query);
      if (this.#waiting.size === 1) this.#serve();
    } else this.#refuse(query);
    return () => query.cancel();
  }

  #serve(): void {
    for (const query of this.#waiting) {
      if (!this.#bucket.take()) break;
      this.#waiting.delete(query);
      this.#start(query);
    }
    if (this.#waiting.size === 0 || this.#timer !== null) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      this.#serve();
    }, TOKEN_PAUSE_MS);
  }

  #withdraw(query: Query): void {
    this.#waiting.delete(query);
    if (this.#waiting.size > 0) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #start(query: Query): void {
    const cancelled = new AbortController();
    const { signal } = cancelled;
    const end = (answer: TxtAnswer | null): void => {
      if (signal.aborted) return;
      deadline.disarm();
      cancelled.abort();
      if (answer) query.done(answer);
    };
    const deadline = new Deadline(this.#clock, TXT_TIMEOUT_MS, () =>
      end({ failure: 'queryTimedOut', detail: `no answer in ${TXT_TIMEOUT_MS / 1_000} s` }),
    );
    query.cancel = () => end(null);
    deadline.arm();
    void this.#ask(query.name, signal).then(end);
  }

  async #ask(name: string, signal: AbortSignal): Promise<TxtAnswer> {
    try {
      const records = await this.#resolve(name, { signal });
      return { texts: records.slice(0, MAX_TXT_RECORDS).map((strings) => strings.join('')) };
    } catch (error) {
      const isNothing = NOTHING_THERE.has((error as { code?: unknown } | null)?.code);
      return { failure: isNothing ? 'noTxtRecord' : 'queryFailed', detail: thrownText(error) };
    }
  }

  #refuse(query: Query): void {
    const timer = this.#clock.setTimeout(
      () => query.done({ failure: 'tooManyQueries', detail: `${MAX_WAITING_QUERIES} wait` }),
      0,
    );
    query.cancel = () => this.#clock.clearTimeout(timer);
  }
}
