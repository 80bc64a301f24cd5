/** A stream that accepts no bytes until it is opened, as with a remote that does not read. */
import { Duplex } from 'node:stream';

export class StalledDuplex extends Duplex {
  /** One entry for each call into the system, with the pieces it was given. */
  readonly calls: Uint8Array[][] = [];
  /** Whether our direction was closed. */
  isEnded = false;
  #isOpen: boolean;
  #done: (() => void) | null = null;

  /** @param isOpen Whether writes are taken at once. */
  constructor(isOpen = false) {
    super({ highWaterMark: 16 * 1024 });
    this.#isOpen = isOpen;
  }

  /** The first byte of each piece, in order. */
  get firstBytes(): number[] {
    return this.calls.flat().map((piece) => piece[0] ?? -1);
  }

  /** Takes all that waits, and what follows, and lets 'drain' happen. */
  async open(): Promise<void> {
    this.#isOpen = true;
    this.#take();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Takes one call, and no more. */
  takeOne(): void {
    this.#take();
  }

  /** Takes nothing any more. */
  hold(): void {
    this.#isOpen = false;
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.#accept([chunk], done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.#accept(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: () => void): void {
    this.isEnded = true;
    done();
  }

  #accept(pieces: Uint8Array[], done: () => void): void {
    this.calls.push(pieces);
    this.#done = done;
    if (this.#isOpen) this.#take();
  }

  #take(): void {
    const done = this.#done;
    this.#done = null;
    done?.();
  }
}
