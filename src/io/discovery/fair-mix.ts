/**
 * Mixes sources of nodes: each in its turn, as long as it is not late. Reads a source only when an item is wanted from
 * it, and holds one item of each at most. Like go-ethereum's `enode.FairMix`.
 */
import type { Clock } from '../process/clock.ts';

/** More than a server can have: its protocols, two versions of discovery, DNS. */
export const MAX_MIXED_SOURCES = 256;

export type FairMixOptions = {
  readonly clock: Clock;
  /**
   * How long a source may take when it is its turn, in ms; then the first item of any source is taken. Each time a
   * source is late this halves for it, until it delivers in its turn again. 0: whichever source is first. `Infinity`:
   * strictly in turn.
   */
  readonly waitMs: number;
  /** A source has ended, or failed with `error`; it is not read any more. Must not throw. */
  readonly onSourceEnded?: (name: string, error: unknown) => void;
};

type Source<Item> = {
  readonly name: string;
  readonly iterator: AsyncIterator<Item>;
  waitMs: number;
  isRead: boolean;
  isOver: boolean;
  /** An item that was read and not taken yet. */
  held: { readonly item: Item } | null;
  /** Items that were taken from it. */
  given: number;
  /** The same, as if it had given as many as any other before it was added: it has nothing to catch up. */
  share: number;
};

/** Ends only when it is closed, even without sources: more may be added. */
export class FairMix<Item> implements AsyncIterableIterator<Item> {
  readonly #options: FairMixOptions;
  /** At most `MAX_MIXED_SOURCES`; the one whose turn is next comes first. */
  readonly #sources: Source<Item>[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  /** Ends the present wait. */
  #wake: () => void = () => {};

  constructor(options: FairMixOptions) {
    this.#options = options;
  }

  /** Of each source that has not ended, the number of items that were taken from it. */
  get sources(): readonly { readonly name: string; readonly given: number }[] {
    return this.#sources.map(({ name, given }) => ({ name, given }));
  }

  /** Not read before an item is wanted. A closed mix does not open it. @throws {RangeError} There are too many. */
  add(name: string, source: AsyncIterable<Item>): void {
    if (this.#isClosed) return;
    if (this.#sources.length >= MAX_MIXED_SOURCES)
      throw new RangeError(`a mix has at most ${MAX_MIXED_SOURCES} sources`);
    let iterator: AsyncIterator<Item>;
    try {
      iterator = source[Symbol.asyncIterator]();
    } catch (error) {
      this.#options.onSourceEnded?.(name, error);
      return;
    }
    const { waitMs } = this.#options;
    this.#sources.push({
      name,
      iterator,
      waitMs,
      isRead: false,
      isOver: false,
      held: null,
      given: 0,
      share: Math.max(0, ...this.#sources.map(({ share }) => share)),
    });
    this.#wake();
  }

  /** The next item; calls that come meanwhile wait for theirs. */
  next(): Promise<IteratorResult<Item>> {
    const taken = this.#turn.then(() => this.#take());
    this.#turn = taken;
    return taken;
  }

  /** Closes the mix. */
  return(): Promise<IteratorResult<Item>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the mix and every source. Who waits for an item gets the end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { iterator } of this.#sources.splice(0)) void end(iterator);
    this.#wake();
  }

  async #take(): Promise<IteratorResult<Item>> {
    while (!this.#isClosed) {
      const picked = this.#sources[0];
      if (picked) {
        await this.#inTurn(picked);
        if (this.#isClosed) break;
        if (picked.isOver) continue;
        if (picked.held) picked.waitMs = this.#options.waitMs;
        else picked.waitMs = Math.floor(picked.waitMs / 2);
        this.#toEnd(picked);
      }
      const ready = picked?.held ? picked : await this.#anyReady();
      if (ready?.held) return this.#handOver(ready, ready.held.item);
    }
    return { done: true, value: undefined };
  }

  /** Until the source has an item, has ended, or is late. */
  async #inTurn(source: Source<Item>): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.now() + source.waitMs;
    this.#read(source);
    while (!source.held && !source.isOver && !this.#isClosed && clock.now() < deadline)
      await this.#wakened(deadline - clock.now());
  }

  /** The first source that has an item; of those that have one already, the one that gave fewest. */
  async #anyReady(): Promise<Source<Item> | null> {
    while (!this.#isClosed) {
      const fewestFirst = this.#sources.toSorted((a, b) => a.share - b.share);
      const ready = fewestFirst.find(({ held }) => held);
      if (ready) return ready;
      for (const source of fewestFirst) this.#read(source);
      await this.#wakened(Number.POSITIVE_INFINITY);
    }
    return null;
  }

  #handOver(source: Source<Item>, value: Item): IteratorResult<Item> {
    source.held = null;
    source.given += 1;
    source.share += 1;
    return { done: false, value };
  }

  #toEnd(source: Source<Item>): void {
    const at = this.#sources.indexOf(source);
    if (at >= 0) this.#sources.push(...this.#sources.splice(at, 1));
  }

  #wakened(ms: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? clock.setTimeout(() => this.#wake(), ms) : null;
      this.#wake = () => {
        if (timer !== null) clock.clearTimeout(timer);
        resolve();
      };
    });
  }

  #read(source: Source<Item>): void {
    if (source.isRead || source.held || source.isOver) return;
    source.isRead = true;
    void this.#readOnce(source);
  }

  async #readOnce(source: Source<Item>): Promise<void> {
    try {
      const { done, value } = await source.iterator.next();
      if (done) this.#drop(source, null);
      else source.held = { item: value };
    } catch (error) {
      this.#drop(source, error);
    }
    source.isRead = false;
    this.#wake();
  }

  #drop(source: Source<Item>, error: unknown): void {
    source.isOver = true;
    const at = this.#sources.indexOf(source);
    if (at < 0) return; // the mix is closed
    this.#sources.splice(at, 1);
    this.#options.onSourceEnded?.(source.name, error);
  }
}

/** How long the source takes to end, and whether it fails, does not matter any more. */
async function end(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // it has ended all the same
  }
}
