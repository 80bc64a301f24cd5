/** Transitions by number, and how often each was taken. It only grows, and no further than the charts do. */
import type { TransitionEntry } from '../protocol.ts';
import type { Transition } from './chart-transitions.ts';
import { Counters } from './counters.ts';
import { type Dictionary, MAX_NAMES } from './dictionary.ts';

export class TransitionTable {
  readonly counts = new Counters();
  readonly #names: Dictionary;
  /** By their text: variants of a machine share them. At most MAX_NAMES. */
  readonly #numbers = new Map<string, number>();
  readonly #entries: TransitionEntry[] = [];

  constructor(names: Dictionary) {
    this.#names = names;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Null when there is no room for another one. */
  numberOf({ machine, source, event, target }: Transition): number | null {
    const text = JSON.stringify([machine, source, event, target]);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#entries.length >= MAX_NAMES) return null;
    const parts = [machine, source, event, target].map((name) => this.#names.numberOf(name));
    const number = this.#entries.push(parts as readonly number[] as TransitionEntry) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  /** Those from this number on. */
  from(number: number): readonly TransitionEntry[] {
    return this.#entries.slice(number);
  }
}
