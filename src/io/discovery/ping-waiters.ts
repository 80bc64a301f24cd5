/** Who waits for a ping of a node: until then the node may not have our endpoint proof. The wait ends where it began. */

/** Those who wait at the same time; no more are added. As many as requests. */
export const MAX_PING_WAITERS = 512;

export class PingWaiters {
  /** By node and address. At most MAX_PING_WAITERS functions in all. */
  readonly #waiters = new Map<string, Set<() => void>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns Ends the wait. Null when too many wait. */
  add(id: string, host: string, onPing: () => void): (() => void) | null {
    if (this.#size >= MAX_PING_WAITERS) return null;
    const waiter = (): void => onPing(); // the same function may wait twice
    const key = keyOf(id, host);
    this.#waiters.set(key, (this.#waiters.get(key) ?? new Set()).add(waiter));
    this.#size += 1;
    return () => this.#remove(key, waiter);
  }

  /** Calls those who wait for it, and ends their wait. */
  pinged(id: string, host: string): void {
    const key = keyOf(id, host);
    for (const waiter of [...(this.#waiters.get(key) ?? [])]) {
      this.#remove(key, waiter);
      waiter();
    }
  }

  #remove(key: string, waiter: () => void): void {
    const waiters = this.#waiters.get(key);
    if (!waiters?.delete(waiter)) return;
    this.#size -= 1;
    if (waiters.size === 0) this.#waiters.delete(key);
  }
}

const keyOf = (id: string, host: string): string => `${id} ${host}`;
