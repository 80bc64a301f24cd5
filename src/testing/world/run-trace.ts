/** A hash over everything that happened in a world. Runs with the same hash were the same, byte for byte. */
import { createHash } from 'node:crypto';

export class RunTrace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] | null;

  /** @param keepLines Keeps every line in memory, to find where two runs differ. */
  constructor(keepLines: boolean) {
    this.#lines = keepLines ? [] : null;
  }

  record(at: number, line: string, bytes: Uint8Array | null = null): void {
    const text = `${at} ${line}\n`;
    this.#hash.update(text);
    if (bytes) this.#hash.update(bytes);
    this.#lines?.push(
      bytes ? `${at} ${line} ${Buffer.from(bytes).toString('hex')}` : `${at} ${line}`,
    );
  }

  /** SHA-256 of all records so far, in hex. */
  get fingerprint(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Empty without `keepLines`. */
  get lines(): readonly string[] {
    return this.#lines ?? [];
  }
}
