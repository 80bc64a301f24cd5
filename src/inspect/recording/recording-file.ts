/**
 * The file that a recording is written to. Nothing waits for the disk, and nothing is lost as long as the disk keeps
 * up: what is written while it is busy waits here, and goes out in one piece.
 */
import { type FileHandle, open } from 'node:fs/promises';

import { RecordingError } from './recording-error.ts';

/** Where lines go. Nothing of it throws. */
export type Sink = {
  /** Bytes that are not written yet. */
  readonly waiting: number;
  write(text: string): void;
  /** Once everything is written, or cannot be. */
  close(): Promise<void>;
};

/** Readable and writable by its owner: it says who talked to whom. */
const MODE = 0o600;

/**
 * Makes the file, which must not be there. What comes back opens its sink.
 * @throws {RecordingError} `exists`, `unwritable`.
 */
export async function createFile(path: string): Promise<(onFault: () => void) => Sink> {
  try {
    const file = await open(path, 'wx', MODE);
    return (onFault) => new FileSink(file, onFault);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new RecordingError('exists', `${path} is there already, and is not overwritten`, null);
    throw new RecordingError('unwritable', `cannot write ${path}: ${message}`, null, {
      cause: error,
    });
  }
}

/** The part of a file handle that is needed. */
export type Writable = Pick<FileHandle, 'close'> & {
  write(bytes: Uint8Array, offset: number): Promise<{ readonly bytesWritten: number }>;
};

export class FileSink implements Sink {
  readonly #file: Writable;
  readonly #onFault: () => void;
  /** Bounded by whoever writes, by `waiting`. */
  #texts: string[] = [];
  #waiting = 0;
  #isBroken = false;
  #writing: Promise<void> | null = null;

  /** @param onFault Hears once that nothing more can be written. */
  constructor(file: Writable, onFault: () => void) {
    this.#file = file;
    this.#onFault = onFault;
  }

  get waiting(): number {
    return this.#waiting;
  }

  write(text: string): void {
    if (this.#isBroken) return;
    this.#texts.push(text);
    this.#waiting += Buffer.byteLength(text);
    this.#writing ??= this.#drain();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close().catch(() => this.#break());
  }

  async #drain(): Promise<void> {
    await null; // what is written in the same breath goes out together
    while (this.#texts.length > 0) {
      const bytes = Buffer.from(this.#texts.splice(0).join(''));
      try {
        for (let at = 0; at < bytes.length; )
          at += (await this.#file.write(bytes, at)).bytesWritten;
      } catch {
        this.#break();
      }
      this.#waiting = Math.max(0, this.#waiting - bytes.length);
    }
    this.#writing = null;
  }

  #break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#texts = [];
    this.#waiting = 0;
    this.#onFault();
  }
}
