/** From the bytes of a file to a tape. */
import { describe, expect, test } from 'vitest';

import { NotARecording, readTape } from '../../../../src/inspect/page/recording/recording-text.ts';
import { chunksOf, fileOf, HEADER, LINES, stepLine } from '../../../support/recording-lines.ts';

const ignore = () => {};

describe('a complete file', () => {
  test.for([1, 7, 64, 100_000])('is read completely in chunks of %i bytes', async (size) => {
    const read = await readTape(chunksOf(fileOf(LINES), size), ignore);
    expect(read).toMatchObject({ end: 'closed', unknownLines: 0, brokenLines: 0, firstBroken: 0 });
    expect(read.tape).toMatchObject({ header: HEADER, duration: 1_000, steps: 10, leftOut: 0 });
  });

  test('may have characters split between two chunks', async () => {
    const text = fileOf([{ ...HEADER, node: 'ü漢😀' }]);
    const { tape } = await readTape(chunksOf(text, 1), ignore);
    expect(tape.header.node).toBe('ü漢😀');
  });

  test('reports its progress', async () => {
    const told: number[] = [];
    const text = fileOf(LINES);
    await readTape(chunksOf(text, 1_000), (bytes) => told.push(bytes));
    expect(told[0]).toBe(1_000);
    expect(told.at(-1)).toBe(text.length);
  });

  test('may have Windows line ends and no last one', async () => {
    const text = fileOf(LINES).replaceAll('\n', '\r\n').trimEnd();
    expect(await readTape(chunksOf(text), ignore)).toMatchObject({ end: 'closed', brokenLines: 0 });
  });
});

test('a truncated file is read up to its last complete line', async () => {
  const text = fileOf(LINES.slice(0, 6));
  const read = await readTape(chunksOf(text.slice(0, -20)), ignore);
  expect(read).toMatchObject({ end: 'cut', brokenLines: 0 });
  expect(read.tape.steps).toBe(2);
});

test('the end line gives the reason of the end', async () => {
  const lines = [...LINES.slice(0, -1), { type: 'end', t: 1_000, why: 'full' }];
  expect(await readTape(chunksOf(fileOf(lines)), ignore)).toMatchObject({ end: 'full' });
});

test('unknown and broken lines are counted, with the number of the first broken one', async () => {
  const text = `${fileOf([HEADER, { type: 'later' }])}\nnonsense\n{"type":"step"}\n${fileOf(LINES.slice(1))}`;
  const read = await readTape(chunksOf(text), ignore);
  expect(read).toMatchObject({ unknownLines: 1, brokenLines: 2, firstBroken: 4, end: 'closed' });
  expect(read.tape.steps).toBe(10);
});

test('a line of several megabytes is one broken line', async () => {
  const text = fileOf([HEADER, { type: 'later', fill: 'x'.repeat(3_000_000) }, ...LINES.slice(1)]);
  const read = await readTape(chunksOf(text, 65_536), ignore);
  expect(read).toMatchObject({ unknownLines: 0, brokenLines: 1, firstBroken: 2, end: 'closed' });
  expect(read.tape.steps).toBe(10);
});

describe('a file that is not a recording is refused with the reason', () => {
  const refusal = async (text: string) => {
    const error = await readTape(chunksOf(text), ignore).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotARecording);
    return (error as Error).message;
  };

  test.for([
    ['an empty file', '', 'The file is empty.'],
    ['a file of blank lines', '\n\n', 'The file is empty.'],
    ['other text', 'hello\nworld\n', 'starts with “hello”'],
    ['text without an end', 'x'.repeat(2_000_000), 'not a peerchart recording'],
    ['other JSON', '{"log":{"version":"1.2"}}', 'not a peerchart recording'],
    [
      'another version',
      fileOf([{ ...HEADER, version: 9 }]),
      'recording of version 9, written by peerchart',
    ],
    ['the middle of one', fileOf([stepLine(1, 1, 'a', 'b')]), 'its first line has type “step”'],
    ['bytes', 'PK\u0003\u0000\u0000', 'it is not text'],
  ] as const)('%s', async ([, text, words]) => {
    expect(await refusal(text)).toContain(words);
  });

  test('a compressed file', async () => {
    async function* packed() {
      yield Uint8Array.of(0x1f, 0x8b, 8, 0);
    }
    await expect(readTape(packed(), ignore)).rejects.toThrow('gunzip');
  });
});
