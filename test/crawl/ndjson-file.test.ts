import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { NdjsonError, NdjsonFile } from '../../src/crawl/ndjson-file.ts';
import { scratch } from '../cli/scratch.ts';

let path: string;

beforeEach(async () => {
  path = join(await scratch(), 'file.ndjson');
});

/** Opens the file, and gives what was in it. */
async function opened(): Promise<[file: NdjsonFile, values: unknown[]]> {
  const values: unknown[] = [];
  return [await NdjsonFile.open(path, (value) => void values.push(value)), values];
}

describe('a file of JSON objects', () => {
  test('has what was appended, in order, also when calls overlap', async () => {
    const [file] = await opened();
    const numbers = Array.from({ length: 50 }, (_, number) => ({ number }));
    await Promise.all(numbers.map((one) => file.append(one)));
    await file.append({ number: 50 });
    await file.close();
    const [again, values] = await opened();
    expect(values).toEqual([...numbers, { number: 50 }]);
    await again.close();
  });

  test('loses a last line that was not written whole, and goes on behind the others', async () => {
    await writeFile(path, '{"a":1}\n{"a":2}\n{"a":');
    const [file, values] = await opened();
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    await file.append({ a: 3 });
    await file.close();
    expect(await readFile(path, 'utf8')).toBe('{"a":1}\n{"a":2}\n{"a":3}\n');
  });

  test('reads lines across the pieces in which a large file is read', async () => {
    const lines = Array.from({ length: 4_000 }, (_, number) => ({ number, text: 'ü'.repeat(90) }));
    await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const [file, values] = await opened();
    await file.close();
    expect(values).toEqual(lines);
  });

  test.each([
    ['no JSON', 'hello\n{}\n', 'line 1'],
    ['an endless line', 'x'.repeat(70_000), 'line 1 is no line of a crawl: it is too long'],
  ])('refuses a file with %s, which it leaves as it is', async (_, content, why) => {
    await writeFile(path, content);
    await expect(opened()).rejects.toThrow(NdjsonError);
    await expect(opened()).rejects.toThrow(why);
    expect(await readFile(path, 'utf8')).toBe(content);
  });

  test('says when it cannot be written', async () => {
    const [file] = await opened();
    await file.close();
    await expect(file.append({})).rejects.toThrow();
  });
});
