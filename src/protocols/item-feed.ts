/** Passes items to any number of readers, each with a bounded buffer: the oldest items are dropped and counted when a reader is too slow. */
import type { FeedIterator } from '../api/event-feed.ts';

export type FeedOptions = { readonly signal?: AbortSignal };

type Reader<Item> = {
  push(item: Item): void;
  drop(count: number): void;
  end(): void;
  readonly waiting: number;
};

export class ItemFeed<Item> {
  readonly #maxItems: number;
  readonly #onRead: () => void;
  readonly #readers = new Set<Reader<Item>>();

  /**
   * @param maxItems Items that wait for one reader.
   * @param onRead Called when a reader began, took an item or ended.
   */
  constructor(maxItems: number, onRead: () => void = () => {}) {
    this.#maxItems = maxItems;
    this.#onRead = onRead;
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  /** How many items more every reader has room for; 0 without a reader. */
  get room(): number {
    if (!this.hasReaders) return 0;
    return this.#maxItems - Math.max(...[...this.#readers].map(({ waiting }) => waiting));
  }

  push(item: Item): void {
    for (const reader of this.#readers) reader.push(item);
  }

  /** Items that could not even be made. */
  drop(count: number): void {
    for (const reader of this.#readers) reader.drop(count);
  }

  /** Until `signal` or `return()`. Nothing is missed from this call on. */
  read({ signal }: FeedOptions = {}): FeedIterator<Item> {
    type Result = IteratorResult<Item>;
    const maxItems = this.#maxItems;
    const readers = this.#readers;
    const onRead = this.#onRead;
    const pending: ((result: Result) => void)[] = [];
    let items: Item[] = [];
    let first = 0;
    let dropped = 0;
    let isOver = false;

    const take = (): Item => {
      const item = items[first]!;
      first += 1;
      if (first * 2 > items.length) {
        items = items.slice(first); // now and then, so that taking one does not move all others
        first = 0;
      }
      return item;
    };
    const reader: Reader<Item> = {
      push(item) {
        const resolve = pending.shift();
        if (resolve) return resolve({ done: false, value: item });
        items.push(item);
        if (items.length - first <= maxItems) return;
        take();
        dropped += 1;
      },
      drop(count) {
        dropped += count;
      },
      get waiting() {
        return items.length - first;
      },
      end() {
        if (isOver) return;
        isOver = true;
        readers.delete(reader);
        signal?.removeEventListener('abort', reader.end);
        for (const resolve of pending.splice(0)) resolve({ done: true, value: undefined });
        onRead();
      },
    };
    if (signal?.aborted) isOver = true;
    else {
      readers.add(reader);
      signal?.addEventListener('abort', reader.end);
      onRead();
    }
    return {
      get dropped() {
        return dropped;
      },
      next() {
        if (reader.waiting > 0) {
          const value = take();
          onRead();
          return Promise.resolve<Result>({ done: false, value });
        }
        if (isOver) return Promise.resolve<Result>({ done: true, value: undefined });
        return new Promise<Result>((resolve) => pending.push(resolve));
      },
      return() {
        reader.end();
        items = [];
        first = 0;
        return Promise.resolve<Result>({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
