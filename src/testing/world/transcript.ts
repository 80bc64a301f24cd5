/** Everything that happened in a world, as one hash: two runs with the same hash were the same, byte for byte. */
import { createHash } from 'node:crypto';

export class Transcript {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] | null;

  /** @param keepLines To find out where two runs part. They are never let go. */
  constructor(keepLines: boolean) {
    this.#lines = keepLines ? [] : null;
  }

  note(at: number, line: string, bytes: Uint8Array | null = null): void {
    const text = `${at} ${line}\n`;
    this.#hash.update(text);
    if (bytes) this.#hash.update(bytes);
    this.#lines?.push(
      bytes ? `${at} ${line} ${Buffer.from(bytes).toString('hex')}` : `${at} ${line}`,
    );
  }

  /** SHA-256 of everything so far, in hex. */
  get fingerprint(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Empty unless they are kept. */
  get lines(): readonly string[] {
    return this.#lines ?? [];
  }
}
