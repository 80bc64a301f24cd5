/**
 * Chance from a seed: xoshiro128**, by Blackman and Vigna (2018), seeded with SHA-256 of a name. The same on every
 * machine. For simulations only: whoever has seen four numbers knows all others.
 */
import { createHash } from 'node:crypto';

const WORD = 2 ** 32;

export class SeededRandom {
  readonly #name: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: string | number) {
    this.#name = String(seed);
    const hash = createHash('sha256').update(this.#name).digest();
    [this.#a, this.#b, this.#c, this.#d] = [0, 4, 8, 12].map((at) => hash.readInt32LE(at)) as [
      number,
      number,
      number,
      number,
    ];
  }

  /** Another source, which depends on the two names only: what is drawn here does not change what is drawn there. */
  fork(name: string | number): SeededRandom {
    return new SeededRandom(`${this.#name}/${name}`);
  }

  /** A whole number from 0 to 2³² − 1. */
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

  /** From 0 up to, and without, 1. */
  fraction(): number {
    return this.uint32() / WORD;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** True once in 1/`rate` times. */
  chance(rate: number): boolean {
    return this.fraction() < rate;
  }

  /** @throws {RangeError} There is nothing to choose from. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('"items" expected at least one, got none');
    return items[this.between(0, items.length - 1)]!;
  }

  /** A copy in another order. */
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
