/** One line of an untrusted file. */
import { describe, expect, test } from 'vitest';

import {
  READS_VERSION,
  recordedLine,
} from '../../../../src/inspect/page/recording/recorded-line.ts';
import { RECORDING_VERSION } from '../../../../src/inspect/recording.ts';
import { endingOf, HEADER, LINES } from '../../../support/recording-lines.ts';

const read = (line: unknown) => recordedLine(JSON.stringify(line));

test('the page reads the recording version that the server writes', () => {
  expect(READS_VERSION).toBe(RECORDING_VERSION);
});

test.for(LINES)('a line written by a server is read unchanged: $type', (line) => {
  expect(read(line)).toEqual(line);
});

test.for([
  ['no JSON', 'nonsense'],
  ['a list', '[]'],
  ['nothing', 'null'],
  ['no type', '{"t":1}'],
  ['a type that is no text', '{"type":1}'],
  ['a time that is no number', '{"type":"actorEnded","t":"1","actor":1,"status":"done"}'],
  ['a time before the beginning', '{"type":"actorEnded","t":-1,"actor":1,"status":"done"}'],
  ['an actor that is no whole number', '{"type":"row","actor":1.5,"row":{}}'],
  ['an actor with too large a number', '{"type":"row","actor":4294967296,"row":{}}'],
  ['a status that does not exist', '{"type":"actorEnded","t":1,"actor":1,"status":"gone"}'],
  ['a step without an event', '{"type":"step","t":1,"actor":1,"transitions":[],"state":"a"}'],
  ['a step whose ways are no list', '{"type":"step","t":1,"actor":1,"event":{},"transitions":1}'],
  ['an ending without an explanation', '{"type":"ending","ending":{"at":1,"type":"ended"}}'],
  ['a header of something else', '{"type":"header","format":"har","version":1}'],
  ['an end without a time', '{"type":"end","why":"closed"}'],
] as const)('%s is broken', ([, text]) => {
  expect(recordedLine(text)).toBe('broken');
});

test.for(['later', 'constructor', '__proto__'])('the type %s is unknown', (type) => {
  expect(recordedLine(`{"type":"${type}"}`)).toBe('unknown');
});

test('a header of another version is read, and the caller decides', () => {
  expect(read({ ...HEADER, version: 9 })).toMatchObject({ type: 'header', version: 9 });
});

describe('text in a file', () => {
  const client = (text: string) => {
    const line = read({ type: 'row', actor: 1, row: { client: text } });
    return typeof line === 'object' && line.type === 'row' ? (line.row as { client?: string }) : {};
  };

  test('that changes the reading direction is escaped', () => {
    expect(client('a\u202eb\u0000')).toEqual({ client: 'a\\u{202e}b\\u{0}' });
  });

  test('is cut at its limit', () => {
    expect(client('x'.repeat(2_000)).client).toHaveLength(513);
  });

  test('is unchanged otherwise', () => {
    expect(client('<img src=x> ü 漢')).toEqual({ client: '<img src=x> ü 漢' });
  });
});

test('lists are cut, and items that are not text become empty', () => {
  const line = read({ type: 'row', actor: 1, row: { protocols: [1, ...Array(99).fill('a')] } });
  expect(line).toMatchObject({ row: { protocols: ['', ...Array(63).fill('a')] } });
});

test('missing fields of an ending are empty, unknown ones are dropped', () => {
  const ending = { ...endingOf(1, 'failed.aborted'), facts: { a: {}, b: true }, secret: 'x' };
  const line = read({ type: 'ending', ending: { ...ending, ms: 'x', explanation: {} } });
  expect(line).toEqual({
    type: 'ending',
    ending: {
      ...endingOf(1, 'failed.aborted'),
      facts: { a: '', b: true },
      ms: 0,
      explanation: { verdict: '', remedy: '', confidence: 'unknown', evidence: [] },
    },
  });
});
