/** What is known and unread of one half of a DNS node list: its links, or its node records. */
import type { Random } from '../crypto/primitives.ts';

/** Entries of one half of a list that are read in one round; the rest is passed over. Source: security limits. */
export const MAX_TREE_ENTRIES = 10_000;

/** Branches from the root down to an entry. Source: security limits. */
export const MAX_TREE_DEPTH = 32;

/** An entry by its hash in base32, and how far below the root it is. */
export type Place = { readonly hash: string; readonly depth: number };

export class Subtree {
  /** Null for the half of a list without a root. */
  readonly root: string | null;
  /** Every hash of this round: a branch may name one that leads back to it. At most `MAX_TREE_ENTRIES`. */
  readonly #seen = new Set<string>();
  /** Those that were not taken. At most `MAX_TREE_ENTRIES`. */
  readonly #left: Place[] = [];
  /** Records or links that were read. */
  leaves = 0;
  /** Entries that could not be read. */
  failures = 0;

  constructor(root: string | null) {
    this.root = root;
    if (root !== null) this.add([root], 0);
  }

  get size(): number {
    return this.#left.length;
  }

  /** Those that are known already, too deep or too many are passed over. */
  add(hashes: readonly string[], depth: number): void {
    if (depth > MAX_TREE_DEPTH) return;
    for (const hash of hashes) {
      if (this.#seen.has(hash) || this.#seen.size >= MAX_TREE_ENTRIES) continue;
      this.#seen.add(hash);
      this.#left.push({ hash, depth });
    }
  }

  /** Any of those that are left. Null when there is none. */
  take(random: Random): Place | null {
    const last = this.#left.pop();
    if (!last || this.#left.length === 0) return last ?? null;
    const at = new DataView(random(4).slice().buffer).getUint32(0) % (this.#left.length + 1);
    const chosen = this.#left[at];
    if (!chosen) return last;
    this.#left[at] = last;
    return chosen;
  }
}
