/** Names by number, so that a name that is sent or kept many times costs its length once. It only grows, up to a limit. */
import { printable } from '../../io/wire/printable.ts';

/** Numbers fit into 16 bits; the last one is left for "none". */
export const MAX_NAMES = 65_535;

/** Longest name, in UTF-16 units: more than the state of all parts of a server. All but those of subprotocols come from our charts. */
export const MAX_NAME_CHARS = 256;

/** Replaces every name beyond the limit. */
const OTHER = '…';

export class Dictionary {
  readonly #limit: number;
  readonly #numbers = new Map<string, number>();
  /** At most `#limit`; the first one is `OTHER`. */
  readonly #names: string[] = [OTHER];

  constructor(limit = MAX_NAMES) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#names.length;
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= this.#limit) return 0;
    const number = this.#names.push(printable(name, MAX_NAME_CHARS)) - 1;
    this.#numbers.set(name, number);
    return number;
  }

  /** Those from this number on. */
  from(number: number): readonly string[] {
    return this.#names.slice(number);
  }
}
