/** Bytes read as choices, so that a mutated input is another well-formed program. An empty source chooses 0 for ever. */

export class ByteSource {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }

  /** A whole number from 0 to `limit - 1`, of at most 2³². */
  below(limit: number): number {
    let value = this.byte();
    for (let range = 256; range < limit; range *= 256) value = value * 256 + this.byte();
    return value % limit;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** At most `count`: as many as are left. */
  bytes(count: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length);
  }
}
