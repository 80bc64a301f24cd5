/** Seeded random choice: the same seed draws the same items in the same order. Not for secrets. */

/** 32 bits; the state of the generator and its seed. */
export type Seed = number;

/**
 * Up to `wanted` different ones of `items`, each as likely as the others, in random order.
 * @returns the seed for the next draw as well.
 */
export function draw<Item>(
  items: readonly Item[],
  wanted: number,
  seed: Seed,
): { readonly drawn: readonly Item[]; readonly seed: Seed } {
  const left = [...items];
  const drawn: Item[] = [];
  let next = seed;
  while (left.length > 0 && drawn.length < wanted) {
    next = (next + STEP) >>> 0;
    const index = Math.floor((mix(next) / 2 ** 32) * left.length);
    drawn.push(left[index]!);
    left[index] = left.at(-1)!;
    left.pop();
  }
  return { drawn, seed: next };
}

/** A whole number from 0 to `limit` - 1. @returns the seed for the next draw as well. */
export function drawNumber(
  limit: number,
  seed: Seed,
): { readonly number: number; readonly seed: Seed } {
  const next = (seed + STEP) >>> 0;
  return { number: Math.floor((mix(next) / 2 ** 32) * limit), seed: next };
}

/** The step and the mixer are those of mulberry32, by Tommy Ettinger, in the public domain. */
const STEP = 0x6d2b79f5;

/** @returns a whole number from 0 to 2^32 - 1. */
function mix(seed: Seed): number {
  const first = Math.imul(seed ^ (seed >>> 15), seed | 1);
  const second = first ^ (first + Math.imul(first ^ (first >>> 7), first | 61));
  return (second ^ (second >>> 14)) >>> 0;
}
