/** A map with room for so many entries: the one that was used longest ago makes room for a new one. */

export class BoundedMap<Key, Value> {
  readonly #maxEntries: number;
  /** In the order of their last use. At most `#maxEntries`. */
  readonly #entries = new Map<Key, Value>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  values(): IterableIterator<Value> {
    return this.#entries.values();
  }

  /** Counts as a use. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** Does not count as a use. */
  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** A new entry may push out the oldest one. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const oldest = this.#entries.size > this.#maxEntries ? this.oldest() : null;
    if (oldest) this.#entries.delete(oldest[0]);
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** The entry that was used longest ago. Null when there is none. */
  oldest(): readonly [Key, Value] | null {
    for (const entry of this.#entries) return entry;
    return null;
  }
}
