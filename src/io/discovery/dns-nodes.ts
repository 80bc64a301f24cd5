/**
 * An endless iterator of the nodes of several DNS node lists, a random one first. Each list gives one node at a time, so
 * that one whose name server is silent holds up no other.
 */
import type { Node } from '../crypto/node.ts';
import type { Random } from '../crypto/primitives.ts';

/** Lists that are read at once. Ours: each has a query under way at most. */
export const MAX_TREES = 32;

export type DnsNodesOptions = {
  readonly random: Random;
  /** The list shall give one node. Called again when that node was taken. */
  readonly want: (url: string) => void;
  /** No node is wanted any more. */
  readonly onClosed: () => void;
};

/** `wanted`: it looks for a node. */
type Slot = 'idle' | 'wanted' | { readonly node: Node };

export class DnsNodes implements AsyncIterableIterator<Node> {
  readonly #options: DnsNodesOptions;
  /** By the URL of the list. At most `MAX_TREES`. */
  readonly #slots = new Map<string, Slot>();
  /** Those who called `next`. */
  readonly #takers: ((result: IteratorResult<Node>) => void)[] = [];
  #isClosed = false;

  constructor(options: DnsNodesOptions) {
    this.#options = options;
  }

  /** @returns false when there are too many, or it is closed. */
  add(url: string): boolean {
    if (this.#isClosed) return false;
    if (this.#slots.has(url)) return true;
    if (this.#slots.size >= MAX_TREES) return false;
    this.#slots.set(url, 'idle');
    this.#serve();
    return true;
  }

  /** The node that it gave and that was not taken goes with it. */
  remove(url: string): void {
    this.#slots.delete(url);
  }

  /** A node that the list was to give. */
  deliver(url: string, node: Node): void {
    if (this.#isClosed || !this.#slots.has(url)) return;
    this.#slots.set(url, { node });
    this.#serve();
  }

  next(): Promise<IteratorResult<Node>> {
    if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#takers.push(resolve);
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

  /** Who waits for a node gets the end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const resolve of this.#takers.splice(0)) resolve({ done: true, value: undefined });
    this.#options.onClosed();
  }

  /** Gives what there is; when that is not enough, every list is to give a node. */
  #serve(): void {
    while (this.#takers.length > 0) {
      const taken = this.#take();
      if (!taken) break;
      this.#takers.shift()?.({ done: false, value: taken });
    }
    if (this.#takers.length === 0) return;
    const idle = [...this.#slots].flatMap(([url, slot]) => (slot === 'idle' ? [url] : []));
    for (const url of idle) this.#slots.set(url, 'wanted');
    for (const url of idle) this.#options.want(url);
  }

  /** The node of a random list among those that have one. */
  #take(): Node | null {
    const ready = [...this.#slots].flatMap(([url, slot]) =>
      typeof slot === 'string' ? [] : [{ url, node: slot.node }],
    );
    if (ready.length === 0) return null;
    const at = new DataView(this.#options.random(4).slice().buffer).getUint32(0) % ready.length;
    const { url, node } = ready[at]!;
    this.#slots.set(url, 'idle');
    return node;
  }
}
