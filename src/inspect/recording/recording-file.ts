/**
 * The file that a recording is written to. Callers never wait for the disk: text that arrives during a write is kept and
 * written in one piece after it.
 */
import { type FileHandle, open } from 'node:fs/promises';

import { RecordingError } from './recording-error.ts';

/** Receives the lines. Its methods never throw. */
export type Sink = {
  /** Bytes not yet written. */
  readonly waiting: number;
  write(text: string): void;
  /** Resolves when everything is written, or cannot be. */
  close(): Promise<void>;
};

/** Owner only: a recording shows which nodes talked to each other. */
const MODE = 0o600;

/**
 * Creates the file, which must not exist. @returns a function that opens its sink.
 * @throws {RecordingError} `exists`, `unwritable`.
 */
export async function createFile(path: string): Promise<(onFault: () => void) => Sink> {
  try {
    const file = await open(path, 'wx', MODE);
    return (onFault) => new FileSink(file, onFault);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new RecordingError('exists', `${path} exists and is not overwritten`, null);
    throw new RecordingError('unwritable', `cannot write ${path}: ${message}`, null, {
      cause: error,
    });
  }
}

/** The part of a file handle that is used. */
export type Writable = Pick<FileHandle, 'close'> & {
  write(bytes: Uint8Array, offset: number): Promise<{ readonly bytesWritten: number }>;
};

export class FileSink implements Sink {
  readonly #file: Writable;
  readonly #onFault: () => void;
  /** The writer keeps it bounded, by `waiting`. */
  #texts: string[] = [];
  #waiting = 0;
  #isBroken = false;
  #writing: Promise<void> | null = null;

  /** @param onFault Called once, when nothing more can be written. */
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
    await null; // text of the same turn of the event loop is written together
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
