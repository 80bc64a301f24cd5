/**
 * Steps of one actor in memory of a fixed size: the first ones, which say how it began, and the latest.
 */

import type { Step } from '../protocol.ts';
import { MAX_NAMES } from './dictionary.ts';

/** Transitions that are kept of one step. Only steps of singletons have more; all of them are counted. */
export const MAX_STEP_TRANSITIONS = 6;

/** Sequence, time and actor as floats, then event, state and transitions in 16 bits each. */
const FLOATS = 3;
const SHORTS = 2 + MAX_STEP_TRANSITIONS;
export const STEP_BYTES = FLOATS * 8 + SHORTS * 2;

/** Steps there is room for at first: most actors take few. */
const SMALL = 16;

const NO_TRANSITION = MAX_NAMES;

export class StepRing {
  readonly #first: number;
  readonly #latest: number;
  #floats: Float64Array;
  #shorts: Uint16Array;
  #count = 0;

  /** @param first Steps that are never overwritten. @param latest Steps that later ones overwrite; not 0. */
  constructor(first: number, latest: number) {
    this.#first = first;
    this.#latest = latest;
    const room = Math.min(SMALL, first + latest);
    this.#floats = new Float64Array(room * FLOATS);
    this.#shorts = new Uint16Array(room * SHORTS);
  }

  /** Steps written so far. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#floats.byteLength + this.#shorts.byteLength;
  }

  write(
    sequence: number,
    actor: number,
    at: number,
    event: number,
    state: number,
    transitions: readonly number[],
  ): void {
    const place = this.#placeOf(this.#count);
    this.#count += 1;
    const float = place * FLOATS;
    if (float >= this.#floats.length) this.#grow();
    this.#floats[float] = sequence;
    this.#floats[float + 1] = actor;
    this.#floats[float + 2] = at;
    const short = place * SHORTS;
    this.#shorts[short] = event;
    this.#shorts[short + 1] = state;
    for (let index = 0; index < MAX_STEP_TRANSITIONS; index += 1)
      this.#shorts[short + 2 + index] = transitions[index] ?? NO_TRANSITION;
  }

  /** Kept steps after this sequence, in order; an even sample of them when there are more than `max`. */
  after(sequence: number, max = Number.POSITIVE_INFINITY): readonly Step[] {
    const places: number[] = [];
    const firsts = Math.min(this.#count, this.#first);
    for (let index = 0; index < firsts; index += 1) this.#collectAfter(sequence, index, places);
    const begin = Math.max(this.#first, this.#count - this.#latest);
    for (let index = begin; index < this.#count; index += 1)
      this.#collectAfter(sequence, index, places);
    const chosen = Math.min(max, places.length);
    return Array.from({ length: chosen }, (_, index) =>
      this.#step(places[Math.floor(((index + 1) * places.length) / chosen) - 1]!),
    );
  }

  /** Empties it for another actor. */
  clear(): void {
    this.#count = 0;
  }

  #placeOf(index: number): number {
    return index < this.#first ? index : this.#first + ((index - this.#first) % this.#latest);
  }

  #collectAfter(sequence: number, index: number, places: number[]): void {
    const place = this.#placeOf(index);
    if (this.#floats[place * FLOATS]! > sequence) places.push(place);
  }

  #grow(): void {
    const floats = new Float64Array((this.#first + this.#latest) * FLOATS);
    const shorts = new Uint16Array((this.#first + this.#latest) * SHORTS);
    floats.set(this.#floats);
    shorts.set(this.#shorts);
    this.#floats = floats;
    this.#shorts = shorts;
  }

  #step(place: number): Step {
    const float = place * FLOATS;
    const short = place * SHORTS;
    const transitions = this.#shorts.subarray(short + 2, short + SHORTS);
    return [
      this.#floats[float]!,
      this.#floats[float + 1]!,
      tenths(this.#floats[float + 2]!),
      this.#shorts[short]!,
      this.#shorts[short + 1]!,
      ...transitions.filter((number) => number !== NO_TRANSITION),
    ];
  }
}

/** Rounded to 0.1 ms: shorter to send, and the page shows no more. */
export const tenths = (ms: number): number => Math.round(ms * 10) / 10;
