/**
 * A file of JSON objects, one a line, that only grows. What was appended outlasts the process, also when that is killed; a last
 * line that was not written whole is cut off when the file is opened again.
 */
import { type FileHandle, open } from 'node:fs/promises';

/** Longest line that is read, in bytes. Ours: a record of a visit has some hundred. */
const MAX_LINE_BYTES = 65_536;

/** Bytes read at once. */
const CHUNK_BYTES = 262_144;

const NEWLINE = 0x0a;

export class NdjsonFile {
  readonly path: string;
  readonly #handle: FileHandle;
  /** Lines that wait for the write under way. Bounded by those who append and wait. */
  #waiting: string[] = [];
  /** The write under way, and those who wait for the next one. */
  #writing: Promise<void> | null = null;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Creates the file, or reads every line of the one that is there.
   *
   * @param onLine Throws when the value is none of this kind of file.
   * @throws {NdjsonError} A line cannot be read. The error of the system when the file cannot be opened.
   */
  static async open(path: string, onLine: (value: unknown) => void): Promise<NdjsonFile> {
    const handle = await open(path, 'a+');
    try {
      const end = await readLines(path, handle, onLine);
      await handle.truncate(end);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new NdjsonFile(path, handle);
  }

  /** Resolves when the line is written. Calls that overlap share a write. */
  async append(value: object): Promise<void> {
    this.#waiting.push(`${JSON.stringify(value)}\n`);
    const earlier = this.#writing;
    if (earlier) {
      await earlier.catch(() => {}); // its callers have the error
      if (this.#writing !== earlier) return this.#writing ?? undefined;
    }
    const lines = this.#waiting.join('');
    this.#waiting = [];
    const writing = this.#handle.appendFile(lines);
    this.#writing = writing;
    await writing;
  }

  async close(): Promise<void> {
    await this.#writing?.catch(() => {});
    await this.#handle.close();
  }
}

/** @returns Where the last whole line ends, in bytes. */
async function readLines(
  path: string,
  handle: FileHandle,
  onLine: (value: unknown) => void,
): Promise<number> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  let number = 0;
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return end;
    position += bytesRead;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      number += 1;
      readLine(path, number, bytes.toString('utf8', from, to), onLine);
      from = to + 1;
    }
    end += from;
    rest = bytes.subarray(from);
    if (rest.length > MAX_LINE_BYTES) throw new NdjsonError(path, number + 1, 'it is too long');
  }
}

function readLine(
  path: string,
  number: number,
  line: string,
  onLine: (value: unknown) => void,
): void {
  try {
    onLine(JSON.parse(line));
  } catch (error) {
    throw new NdjsonError(path, number, (error as Error).message);
  }
}

/** The file is there, and is not what it should be. */
export class NdjsonError extends Error {
  override readonly name = 'NdjsonError';

  constructor(path: string, line: number, why: string) {
    super(`${path} cannot be continued: line ${line} is no line of a crawl: ${why}`);
  }
}
