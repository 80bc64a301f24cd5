/** Delivers events to listeners and iterators. Neither a slow nor a failing one affects the server. */
import { callUser } from './user-call.ts';

/** Events that wait for one iterator; beyond that the oldest are dropped and counted. */
export const MAX_BUFFERED_EVENTS = 1024;

export type FeedEvent<Events> = {
  [Type in keyof Events & string]: { readonly type: Type } & Events[Type];
}[keyof Events & string];

/** Events without end; `return()`, or the signal it was made with, ends it. */
export type FeedIterator<Event> = AsyncIterableIterator<Event> & {
  /** Events dropped because they were not read in time. */
  readonly dropped: number;
};

export class EventFeed<Events extends { [type: string]: object }> {
  readonly #sinks = new Set<(event: FeedEvent<Events>) => unknown>();
  readonly #closers = new Set<() => void>();
  readonly #onFault: (error: unknown) => void;
  #isClosed = false;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Whether there is anything to deliver to: for events that are costly to make. */
  get hasListeners(): boolean {
    return this.#sinks.size > 0;
  }

  emit(event: FeedEvent<Events>): void {
    for (const sink of [...this.#sinks]) callUser(() => sink(event), this.#onFault);
  }

  /** @returns A function that removes the listener. */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (event: { readonly type: Type } & Events[Type]) => unknown,
  ): () => void {
    const sink = (event: FeedEvent<Events>): unknown =>
      event.type === type ? listener(event as { readonly type: Type } & Events[Type]) : undefined;
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }

  iterate(signal?: AbortSignal): FeedIterator<FeedEvent<Events>> {
    type Result = IteratorResult<FeedEvent<Events>>;
    const buffer: FeedEvent<Events>[] = [];
    const waiting: ((result: Result) => void)[] = [];
    let dropped = 0;
    let isOver = false;

    const sink = (event: FeedEvent<Events>): void => {
      const taker = waiting.shift();
      if (taker) return taker({ done: false, value: event });
      buffer.push(event);
      if (buffer.length <= MAX_BUFFERED_EVENTS) return;
      buffer.shift();
      dropped += 1;
    };
    const end = (): void => {
      isOver = true;
      this.#sinks.delete(sink);
      this.#closers.delete(end);
      signal?.removeEventListener('abort', end);
      for (const taker of waiting.splice(0)) taker({ done: true, value: undefined });
    };
    if (signal?.aborted || this.#isClosed) end();
    else {
      this.#sinks.add(sink);
      this.#closers.add(end);
      signal?.addEventListener('abort', end);
    }

    return {
      get dropped() {
        return dropped;
      },
      next: () => {
        const event = buffer.shift();
        if (event) return Promise.resolve<Result>({ done: false, value: event });
        if (isOver) return Promise.resolve<Result>({ done: true, value: undefined });
        return new Promise<Result>((resolve) => waiting.push(resolve));
      },
      return: () => {
        end();
        buffer.length = 0;
        return Promise.resolve<Result>({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** No event follows: iterators end after what they have buffered. */
  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#closers]) end();
  }
}
