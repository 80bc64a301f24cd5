import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { RecordingError } from '../../../src/inspect/recording/recording-error.ts';
import {
  createFile,
  FileSink,
  type Writable,
} from '../../../src/inspect/recording/recording-file.ts';
import { scratch } from '../../cli/scratch.ts';

/** A disk that takes what it is told to, when it is told to. */
class FakeFile implements Writable {
  readonly pieces: string[] = [];
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  atOnce = Number.POSITIVE_INFINITY;
  isClosed = false;

  write(bytes: Uint8Array, offset: number): Promise<{ bytesWritten: number }> {
    const piece = bytes.subarray(offset, offset + this.atOnce);
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.pieces.push(Buffer.from(piece).toString());
        resolve({ bytesWritten: piece.length });
      };
      this.#waiting.push({ resolve: done, reject });
    });
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  async take(): Promise<void> {
    await turn();
    this.#waiting.shift()!.resolve();
    await turn();
  }

  async fail(): Promise<void> {
    await turn();
    this.#waiting.shift()!.reject(new Error('ENOSPC'));
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function run() {
  const file = new FakeFile();
  const faults: number[] = [];
  const sink = new FileSink(file, () => faults.push(1));
  return { file, faults, sink };
}

describe('a slow disk', () => {
  test('gets the waiting text in one piece, in order', async () => {
    const { file, sink } = run();
    sink.write('a');
    sink.write('b');
    await turn();
    sink.write('ö');
    sink.write('d');
    expect(sink.waiting).toBe(5);
    await file.take();
    expect(sink.waiting).toBe(3);
    await file.take();
    expect([file.pieces, sink.waiting]).toEqual([['ab', 'öd'], 0]);
  });

  test('may write a piece in parts', async () => {
    const { file, sink } = run();
    file.atOnce = 2;
    sink.write('abc');
    await file.take();
    await file.take();
    expect(file.pieces).toEqual(['ab', 'c']);
  });

  test('delays the close of the file', async () => {
    const { file, sink } = run();
    sink.write('a');
    const closed = sink.close();
    await turn();
    expect(file.isClosed).toBe(false);
    await file.take();
    await closed;
    expect(file.isClosed).toBe(true);
  });
});

describe('a full disk', () => {
  test('is reported once, and the waiting text is dropped', async () => {
    const { file, faults, sink } = run();
    sink.write('a');
    await turn();
    sink.write('b');
    await file.fail();
    sink.write('c');
    await sink.close();
    expect([faults, sink.waiting, file.pieces]).toEqual([[1], 0, []]);
  });
});

describe('a file', () => {
  test('is readable by its owner only', async () => {
    const path = join(await scratch(), 'run.jsonl');
    const sink = (await createFile(path))(() => {});
    sink.write('hello\n');
    await sink.close();
    expect(await readFile(path, 'utf8')).toBe('hello\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('that exists is not overwritten', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await writeFile(path, 'mine');
    await expect(createFile(path)).rejects.toMatchObject({ fault: 'exists' });
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  test('that cannot be created gives the reason', async () => {
    const path = join(await scratch(), 'none', 'run.jsonl');
    await expect(createFile(path)).rejects.toThrow(RecordingError);
    await expect(createFile(path)).rejects.toMatchObject({ fault: 'unwritable', line: null });
  });
});
