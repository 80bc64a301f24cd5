/**
 * Pseudo-random numbers from a seed: xoshiro128**, by Blackman and Vigna (2018), seeded with SHA-256 of a name. The same
 * on every computer. For simulations only: four outputs reveal all others.
 */
import { createHash } from 'node:crypto';

const WORD = 2 ** 32;

export class SeededRandom {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: string | number) {
    this.#seed = String(seed);
    const hash = createHash('sha256').update(this.#seed).digest();
    [this.#a, this.#b, this.#c, this.#d] = [0, 4, 8, 12].map((at) => hash.readInt32LE(at)) as [
      number,
      number,
      number,
      number,
    ];
  }

  /** An independent generator that depends only on the two names, not on what was drawn before. */
  fork(name: string | number): SeededRandom {
    return new SeededRandom(`${this.#seed}/${name}`);
  }

  /** An integer from 0 to 2³² − 1. */
  uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** From 0 (included) to 1 (excluded). */
  fraction(): number {
    return this.uint32() / WORD;
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** True with probability `rate`, from 0 to 1. */
  chance(rate: number): boolean {
    return this.fraction() < rate;
  }

  /** One of `items`. @throws {RangeError} `items` is empty. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('"items" expected at least one, got none');
    return items[this.between(0, items.length - 1)]!;
  }

  /** A copy in random order. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    return items.map(() => left.splice(this.between(0, left.length - 1), 1)[0]!);
  }

  /** For the `random` port of a server. */
  readonly bytes = (count: number): Uint8Array => {
    const bytes = new Uint8Array(count);
    for (let at = 0, word = 0; at < count; at += 1) {
      word = at % 4 === 0 ? this.uint32() : word >>> 8;
      bytes[at] = word;
    }
    return bytes;
  };
}

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
