import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RpcError } from '../../src/admin/json-rpc.ts';
import {
  checkedText,
  JsonSplitter,
  MAX_DEPTH,
  MAX_REQUEST_BYTES,
} from '../../src/admin/json-splitter.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

/** What a new splitter makes of these chunks. */
function split(...chunks: readonly Uint8Array[]): readonly string[] {
  const splitter = new JsonSplitter();
  return chunks.flatMap((chunk) => [...splitter.push(chunk)]);
}

test.for<[string, string, readonly string[]]>([
  ['with a line feed', '{"a":1}\n[2]\n', ['{"a":1}', '[2]']],
  ['with nothing', '{}[]{}', ['{}', '[]', '{}']],
  ['with blanks', ' \t\r\n{} {}', ['{}', '{}']],
])('texts that follow each other %s are cut apart', ([, stream, texts], { expect }) => {
  expect(split(bytes(stream))).toEqual(texts);
});

test('braces, quotes and escapes inside strings end nothing', () => {
  const text = JSON.stringify({ 'a"}]': ['\\', '\\"', '{[', 'ä\u{1F600}'] });
  expect(split(bytes(`${text}${text}`))).toEqual([text, text]);
});

test('what is no JSON between its braces is passed on', () => {
  expect(split(bytes('{a:[}]{}'))).toEqual(['{a:[}]', '{}']);
});

test('streams of JSON values come out as they went in, however they are cut', () => {
  const values = fc.array(
    fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
  );
  fc.assert(
    fc.property(values, fc.array(fc.nat({ max: 20 })), (all, cuts) => {
      const texts = all.map((value) => JSON.stringify(value));
      const stream = bytes(texts.join(''));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of cuts) {
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(split(...chunks, stream.subarray(at))).toEqual(texts);
    }),
  );
});

describe('a stream cannot be read any further', () => {
  test.for(['7', 'null', '"a"', '}', ']', 'POST / HTTP/1.1', '{}x', '\u0000'])(
    'after %j',
    (stream, { expect }) => {
      expect(() => split(bytes(stream))).toThrow(RpcError);
    },
  );

  test('when it nests too deep', () => {
    expect(split(bytes('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH)))).toHaveLength(1);
    expect(() => split(bytes('['.repeat(MAX_DEPTH + 1)))).toThrow(`${MAX_DEPTH} deep`);
  });

  test('when a text is too long, before all of it has come', () => {
    const rest = MAX_REQUEST_BYTES - '[""]'.length;
    expect(split(bytes(`["${' '.repeat(rest)}"]`))).toHaveLength(1);
    expect(() => split(bytes(`["${' '.repeat(rest + 1)}"]`))).toThrow(RpcError);
    const splitter = new JsonSplitter();
    const chunk = Buffer.alloc(64 * 1024, ' ');
    const flood = () => {
      for (const _ of splitter.push(bytes('['))) expect.unreachable();
      for (let sent = 0; sent <= MAX_REQUEST_BYTES; sent += chunk.length)
        for (const _ of splitter.push(chunk)) expect.unreachable();
    };
    expect(flood).toThrow(RpcError);
  });
});

test('the limit of a text is that of the caller', () => {
  expect(() => [...new JsonSplitter(3).push(bytes('[1]'))]).not.toThrow();
  expect(() => [...new JsonSplitter(2).push(bytes('[1]'))]).toThrow(RpcError);
});

describe('a message', () => {
  test('is one text', () => {
    expect(checkedText(bytes(' {"a":1}\n'))).toBe('{"a":1}');
  });

  test.for(['', ' ', '{}{}', '{"a":', '"', '{}x'])('is not %j', (message, { expect }) => {
    expect(() => checkedText(bytes(message))).toThrow(RpcError);
  });
});
