import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  type ReadLine,
  readRecording,
  readRecordingFile,
} from '../../../src/inspect/recording/recording-reader.ts';
import { MAX_LINE_BYTES } from '../../../src/inspect/recording.ts';
import { scratch } from '../../cli/scratch.ts';
import { chunksOf, linesIn, runWriter, someHeader, withLine } from '../../support/recordings.ts';

const { writer, sink } = runWriter();
await writer.close();
/** A header and an end. */
const whole = sink.text;
const header = JSON.stringify(someHeader);

async function read(text: string): Promise<ReadLine[]> {
  const lines: ReadLine[] = [];
  for await (const line of readRecording(chunksOf(text))) lines.push(line);
  return lines;
}

describe('lines', () => {
  test('are numbered and unchanged', async () => {
    expect(await read(whole)).toMatchObject([
      { number: 1, isIntact: true, value: { type: 'header' } },
      { number: 2, isIntact: true, value: { type: 'end' } },
    ]);
  });

  test('are read from chunks of any size', async () => {
    const bytes = Buffer.from(whole.replace('some node', 'söme nöde'));
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
    const lines: ReadLine[] = [];
    for await (const line of readRecording(pieces)) lines.push(line);
    expect(lines).toHaveLength(2);
    expect(lines[0]!.value).toMatchObject({ node: 'söme nöde' });
  });

  test('that were cut off are ignored', async () => {
    const end = whole.indexOf('\n') + 1;
    for (const length of [end, end + 1, whole.length - 1])
      expect(await linesIn(whole.slice(0, length))).toHaveLength(1);
  });

  test('that were changed are found, and the ones after them are intact', async () => {
    const changed = withLine(whole, 1, (line) => [line.replace('some', 'same')]);
    expect((await read(changed)).map(({ isIntact }) => isIntact)).toEqual([false, true]);
  });

  test('may have unknown fields', async () => {
    const more = `${header.slice(0, -1)},"later":{"version":"has"}}\n`;
    expect(await linesIn(more)).toMatchObject([{ later: { version: 'has' } }]);
  });
});

describe('a file that is no recording', () => {
  test.for([
    ['', 'notARecording', null],
    ['cut off', 'notARecording', null],
    ['hello\n', 'notARecording', 1],
    ['[]\n', 'notARecording', 1],
    ['{"type":"header"}\n', 'notARecording', 1],
    ['x'.repeat(MAX_LINE_BYTES), 'notARecording', 1],
    [`${header.replace('"version":2', '"version":3')}\n`, 'unknownVersion', null],
    [`${header.replace('"masked":false', '"masked":0')}\n`, 'malformedLine', 1],
    [`${header}\n{}\n`, 'malformedLine', 2],
    [`${header}\nnull\n`, 'malformedLine', 2],
    [`${header}\n\n`, 'malformedLine', 2],
    [`${header}\n{"type":"constructor"}\n`, 'malformedLine', 2],
    [`${header}\n${header}\n`, 'malformedLine', 2],
    [
      `${header}\n{"type":"row","actor":1,"row":{"__proto__":{"polluted":1}}}\n`,
      'malformedLine',
      2,
    ],
    [`${header}\n{"type":"actorEnded","t":1,"actor":1}\n`, 'malformedLine', 2],
    [`${header}\n{"type":"actorEnded","t":1e999,"actor":1,"status":"done"}\n`, 'malformedLine', 2],
    [
      `${header}\n{"type":"step","t":1,"actor":1,"event":{"type":"a"},"transitions":[["a"]],"state":"b"}\n`,
      'malformedLine',
      2,
    ],
    [`${header}\n${'x'.repeat(MAX_LINE_BYTES)}\n`, 'malformedLine', 2],
  ] as const)('%#', async ([text, fault, line]) => {
    await expect(read(text)).rejects.toMatchObject({ name: 'RecordingError', fault, line });
    expect(({} as { polluted?: number }).polluted).toBe(undefined);
  });
});

describe('a file', () => {
  test('is read line by line', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await writeFile(path, whole);
    const types: string[] = [];
    for await (const { value } of readRecordingFile(path)) types.push(value.type);
    expect(types).toEqual(['header', 'end']);
  });

  test('of version 1 is refused with one sentence: what it is, what this reads, what to do', async () => {
    const path = fileURLToPath(new URL('version-1.jsonl', import.meta.url));
    const reading = readRecordingFile(path).next();
    await expect(reading).rejects.toMatchObject({
      fault: 'unknownVersion',
      message:
        'this is a peerchart recording of version 1, written by peerchart 0.1.0, and this peerchart reads version 2: ' +
        'open it with the peerchart that wrote it, or record again',
    });
  });

  test.for([[2.5], ['1'], [null], [{ a: 1 }]])(
    'with %j for a version is refused too',
    async ([version]) => {
      const text = `${JSON.stringify({ format: 'peerchart recording', version, peerchart: '\u001b[2J' })}\n`;
      await expect(read(text)).rejects.toThrow(
        'a peerchart recording of an unknown version, written by peerchart \\u{1b}[2J,',
      );
    },
  );

  test('that does not exist cannot be read', async () => {
    const path = join(await scratch(), 'none.jsonl');
    const reading = readRecordingFile(path).next();
    await expect(reading).rejects.toMatchObject({ fault: 'unreadable', line: null });
  });
});

test('a signal ends the reading of a file with its reason', async () => {
  const path = join(await scratch(), 'run.jsonl');
  await writeFile(path, whole.replace('some node', 'x'.repeat(500_000)));
  const stop = new AbortController();
  const reason = new Error('on purpose');
  const reading = (async () => {
    for await (const _line of readRecordingFile(path, stop.signal));
  })();
  stop.abort(reason);
  await expect(reading).rejects.toBe(reason);
  await expect(readRecordingFile(path, stop.signal).next()).rejects.toBe(reason);
});
