/** A thread of a crawl that is none: both ends of its messages are in one thread, and a test can lose it. */
import { MessageChannel } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

import type { CrawlNetwork } from '../../src/crawl/crawl-network.ts';
import type { CrawlThread } from '../../src/crawl/crawl-threads.ts';
import type { ThreadChannel } from '../../src/crawl/thread-calls.ts';

export class FakeThread implements CrawlThread {
  /** The end of the thread. */
  readonly inside: ThreadChannel;
  readonly #ports = new MessageChannel();
  readonly #onError: ((error: unknown) => void)[] = [];
  readonly #onExit: (() => void)[] = [];
  isTerminated = false;

  constructor() {
    this.inside = this.#ports.port2;
    onTestFinished(() => this.#ports.port1.close());
  }

  postMessage(message: unknown): void {
    this.#ports.port1.postMessage(message);
  }

  on(event: 'message' | 'error' | 'exit', listener: (given: never) => void): void {
    if (event === 'message') this.#ports.port1.on('message', listener as (value: unknown) => void);
    else if (event === 'error') this.#onError.push(listener as (error: unknown) => void);
    else this.#onExit.push(listener as () => void);
  }

  terminate(): Promise<void> {
    this.isTerminated = true;
    this.#ports.port1.close();
    for (const listener of this.#onExit) listener();
    return Promise.resolve();
  }

  /** As a thread that throws. */
  lose(error?: Error): void {
    this.#ports.port1.close();
    if (error) for (const listener of this.#onError) listener(error);
    for (const listener of this.#onExit) listener();
  }
}

/** A network whose visits end when the test, or `visit`, says so. */
export const listedNetwork = (
  nodes: readonly number[],
  visit: CrawlNetwork['visit'],
  nodeAt: (index: number) => { readonly id: string; readonly text: string },
): CrawlNetwork => ({
  async *found() {
    for (const index of nodes) yield nodeAt(index);
  },
  visit,
  close: () => Promise.resolve(),
});
