/** Counts by number, compared with an earlier copy of them. At most 2^16 numbers. */
import { MAX_NAMES } from './dictionary.ts';

/** A copy of the counts at one moment, by number; numbers behind its end were 0. Never written to. */
export type Counts = { readonly length: number; readonly [number: number]: number };

export const NO_COUNTS: Counts = [];

export class Counters {
  /** By number. */
  #counts = new Float64Array(256);

  add(number: number): void {
    if (number >= this.#counts.length) this.#counts = withRoomFor(this.#counts, number);
    this.#counts[number]! += 1;
  }

  copy(): Counts {
    return this.#counts.slice();
  }

  /** What was added since that copy was taken: pairs of number and count. */
  since(earlier: Counts): readonly (readonly [number, number])[] {
    const added: [number, number][] = [];
    for (let number = 0; number < this.#counts.length; number += 1) {
      const more = this.#counts[number]! - (earlier[number] ?? 0);
      if (more > 0) added.push([number, more]);
    }
    return added;
  }
}

function withRoomFor(counts: Float64Array, number: number): Float64Array<ArrayBuffer> {
  let size = counts.length;
  while (size <= number && size < MAX_NAMES) size *= 2;
  const larger = new Float64Array(size);
  larger.set(counts);
  return larger;
}
