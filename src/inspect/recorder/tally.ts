/** How often each of many numbered things happened, and how often since somebody looked last. Never more than 2^16. */
import { MAX_NAMES } from './dictionary.ts';

export class Tally {
  /** By number. */
  #counts = new Float64Array(256);

  add(number: number): void {
    if (number >= this.#counts.length) this.#counts = withRoom(this.#counts, number);
    this.#counts[number]! += 1;
  }

  /** A look of its own, which has seen nothing yet. */
  look(): TallyLook {
    return new TallyLook(() => this.#counts);
  }
}

export class TallyLook {
  readonly #counts: () => Float64Array;
  #seen = new Float64Array(0);

  constructor(counts: () => Float64Array) {
    this.#counts = counts;
  }

  /** What happened since the last call, and how often. */
  next(): readonly (readonly [number, number])[] {
    const counts = this.#counts();
    if (this.#seen.length < counts.length) this.#seen = withRoom(this.#seen, counts.length - 1);
    const changes: [number, number][] = [];
    for (let number = 0; number < counts.length; number += 1) {
      const count = counts[number]!;
      if (count === this.#seen[number]) continue;
      changes.push([number, count - this.#seen[number]!]);
      this.#seen[number] = count;
    }
    return changes;
  }
}

function withRoom(counts: Float64Array, number: number): Float64Array<ArrayBuffer> {
  let size = Math.max(256, counts.length);
  while (size <= number && size < MAX_NAMES) size *= 2;
  const larger = new Float64Array(size);
  larger.set(counts);
  return larger;
}
