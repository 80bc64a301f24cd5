/**
 * Queue and results of a crawl for one thread, when the main thread has them: each call is a message, and its answer another.
 * Tasks that a thread does not end are given back by the main thread.
 */
import type { CrawlQueue, CrawlTask, NodeText, OfferResult } from './crawl-queue.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** One end: a worker in the main thread, the parent port in a worker. */
export type ThreadChannel = {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
};

/** `task` is the number of the call that took it. */
export type ThreadCall =
  | { readonly call: 'offer'; readonly node: NodeText }
  | { readonly call: 'take' }
  | { readonly call: 'ack' | 'retry' | 'extend'; readonly task: number }
  | { readonly call: 'write'; readonly record: VisitRecord };

export type ThreadRequest = { readonly type: 'call'; readonly number: number } & ThreadCall;

/** With an error in place of a value: a sentence. */
export type ThreadAnswer = {
  readonly type: 'answer';
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
};

/** What `take` answers. */
export type ThreadTask = Pick<CrawlTask, 'node' | 'firstSeen'>;

/** Calls of one thread to the main thread. */
export class ThreadCalls {
  readonly #channel: ThreadChannel;
  /** Calls without an answer, by number; as many as the crawl has under way. */
  readonly #waiting = new Map<number, (answer: ThreadAnswer) => void>();
  #number = 0;

  constructor(channel: ThreadChannel) {
    this.#channel = channel;
    channel.on('message', (message) => {
      const answer = message as ThreadAnswer;
      if (answer.type === 'answer') this.#waiting.get(answer.number)?.(answer);
    });
  }

  readonly queue: CrawlQueue = {
    offer: (node) => this.#call<OfferResult>({ call: 'offer', node }).value,
    take: (signal) => this.#take(signal),
    close: () => Promise.resolve(),
  };

  readonly results: CrawlResults = {
    write: (record) => this.#call<void>({ call: 'write', record }).value,
    close: () => Promise.resolve(),
  };

  /** A task that comes after the signal is given back. */
  async #take(signal: AbortSignal): Promise<CrawlTask | null> {
    if (signal.aborted) return null;
    const { number, value } = this.#call<ThreadTask | null>({ call: 'take' });
    const taken = value.then((task) => task && this.#task(number, task));
    let onAbort = (): void => {};
    const aborted = new Promise<null>((resolve) => {
      onAbort = () => resolve(null);
    });
    signal.addEventListener('abort', onAbort);
    const task = await Promise.race([taken, aborted]);
    signal.removeEventListener('abort', onAbort);
    if (task === null && signal.aborted) void taken.then((late) => late?.retry()).catch(() => {}); // the crawl ends
    return task;
  }

  #task(task: number, { node, firstSeen }: ThreadTask): CrawlTask {
    const end = (call: 'ack' | 'retry' | 'extend') => () => this.#call<void>({ call, task }).value;
    return { node, firstSeen, ack: end('ack'), retry: end('retry'), extend: end('extend') };
  }

  #call<Value>(call: ThreadCall): { readonly number: number; readonly value: Promise<Value> } {
    this.#number += 1;
    const number = this.#number;
    const value = new Promise<Value>((resolve, reject) => {
      this.#waiting.set(number, ({ value, error }) => {
        this.#waiting.delete(number);
        if (error === undefined) resolve(value as Value);
        else reject(new Error(error));
      });
    });
    const request: ThreadRequest = { type: 'call', number, ...call };
    this.#channel.postMessage(request);
    return { number, value };
  }
}
