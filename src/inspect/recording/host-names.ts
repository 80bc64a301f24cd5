/** The host names that texts are searched for, so that none of them is shown. */

/** Names at once; the one that was used least recently leaves. More than a node can dial in the time of one dial. Ours. */
export const MAX_NAMES = 16_384;

/** Host names have letters, digits, dots, hyphens and underscores; others cannot be dialled. */
const WORD = /\w(?:[\w.-]*\w)?/g;

export class HostNames {
  /** As they were given, by their form for comparing. At most `MAX_NAMES`, least recently used first. */
  readonly #names = new Map<string, string>();

  get size(): number {
    return this.#names.size;
  }

  add(name: string): void {
    const key = keyOf(name);
    this.#names.delete(key);
    this.#names.set(key, name);
    if (this.#names.size > MAX_NAMES) this.#names.delete(this.#names.keys().next().value!);
  }

  /**
   * Replaces each word that is a name, a host below a name, or a name with a search domain after it.
   * @param hide Gets the name as it was added, or the whole word when that is longer.
   */
  replaceIn(text: string, hide: (name: string) => string): string {
    if (this.#names.size === 0) return text;
    return text.replace(WORD, (word) => {
      const known = this.#find(word);
      return known === null ? word : hide(known);
    });
  }

  #find(word: string): string | null {
    const key = keyOf(word);
    const name = this.#names.get(key);
    if (name !== undefined) return name;
    for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1))
      if (this.#names.has(key.slice(0, dot)) || this.#names.has(key.slice(dot + 1))) return word;
    return null;
  }
}

/** Names are compared without case, and with or without their final dot. */
const keyOf = (name: string): string => name.toLowerCase().replace(/\.$/, '');
