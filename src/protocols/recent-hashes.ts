/** The hashes that were seen last: a bounded set, in which the oldest makes room. */

export class RecentHashes {
  readonly #maxHashes: number;
  /** In the order in which they were added; at most `#maxHashes`. */
  readonly #hashes = new Set<string>();

  constructor(maxHashes: number) {
    this.#maxHashes = maxHashes;
  }

  has(hash: string): boolean {
    return this.#hashes.has(hash);
  }

  /** @returns Whether it is new. */
  add(hash: string): boolean {
    if (this.#hashes.has(hash)) return false;
    this.#hashes.add(hash);
    if (this.#hashes.size > this.#maxHashes)
      for (const oldest of this.#hashes) {
        this.#hashes.delete(oldest);
        break;
      }
    return true;
  }
}
