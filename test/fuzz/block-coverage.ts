/** Which blocks of `src/` one input ran, and about how often. The counters are put in by typescript-hook.mjs. */

declare global {
  /** One counter for each block, wrapping at 256. Absent until a file of `src/` is loaded through the hook. */
  var fuzzBlocks: Uint8Array | undefined;
}

export class BlockCoverage {
  /** By block, a bit for each range of counts that was seen. */
  readonly #seen: Uint8Array;
  readonly #counters: Uint8Array;
  readonly #words: BigUint64Array;

  constructor() {
    if (!globalThis.fuzzBlocks) throw new Error('nothing is counted: load src/ through the hook');
    this.#counters = globalThis.fuzzBlocks;
    this.#words = new BigUint64Array(this.#counters.buffer);
    this.#seen = new Uint8Array(this.#counters.length);
  }

  /** Blocks that ran at least once so far. */
  get blocks(): number {
    return this.#seen.reduce((count, seen) => count + (seen > 0 ? 1 : 0), 0);
  }

  forget(): void {
    this.#words.fill(0n);
  }

  /** Whether something ran that never ran before since the last call, or never this often. */
  take(): boolean {
    let isNew = false;
    for (let word = 0; word < this.#words.length; word += 1) {
      if (this.#words[word] === 0n) continue;
      for (let at = word * 8; at < word * 8 + 8; at += 1) {
        const bit = BIT_OF_COUNT[this.#counters[at]!]!;
        if ((this.#seen[at]! & bit) === bit) continue;
        this.#seen[at]! |= bit;
        isNew = true;
      }
    }
    this.forget();
    return isNew;
  }
}

/** 1, 2, 3, up to 7, 15, 31, 127, and more: how often is only interesting in steps. Source: AFL, "technical details". */
const BIT_OF_COUNT = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count === 0) return 0;
  const step = [1, 2, 3, 7, 15, 31, 127, 255].findIndex((most) => count <= most);
  return 1 << step;
});
