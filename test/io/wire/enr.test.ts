import { describe, expect, test } from 'vitest';

import {
  decodeRecord,
  encodeContent,
  encodeRecord,
  formatRecord,
  MAX_RECORD_BYTES,
  RecordError,
  recordBytes,
} from '../../../src/io/wire/enr.ts';
import { encodeRlp, joinRlpList } from '../../../src/io/wire/rlp.ts';
import { hex, loadVectors, toHex } from '../../support/crypto.ts';

type Pair = readonly [key: string, value: string | { readonly rlpList: string }];
type Vectors = {
  readonly valid: readonly {
    readonly name: string;
    readonly text: string;
    readonly rlp: string;
    readonly seq: number;
    readonly signature: string;
    readonly pairs: readonly Pair[];
  }[];
  readonly rlpStructure: readonly {
    readonly rlp: string;
    readonly structuralError: string | null;
  }[];
  readonly recordSemantics: readonly {
    readonly name: string;
    readonly cases?: readonly {
      readonly set: readonly (readonly [string, number])[];
      readonly want: readonly (readonly [string, number])[];
    }[];
  }[];
};
const { valid, rlpStructure, recordSemantics } = loadVectors<Vectors>('enr.json');

const SIGNATURE = new Uint8Array(64).fill(7);

const entriesOf = (pairs: readonly (readonly [string, number | Uint8Array])[]) =>
  new Map(pairs.map(([key, value]) => [key, encodeRlp(value)]));

describe('decodeRecord', () => {
  for (const { name, text, rlp, seq, signature, pairs } of valid)
    test(`reads ${name}, and writes it again byte for byte`, () => {
      const bytes = recordBytes(text);
      expect(toHex(bytes)).toBe(rlp);
      expect(formatRecord(bytes)).toBe(text);
      const record = decodeRecord(bytes);
      expect(record.seq).toBe(Math.min(seq, Number.MAX_SAFE_INTEGER));
      expect(toHex(record.signature)).toBe(signature);
      expect([...record.entries].map(([key, value]) => [key, toHex(value)])).toEqual(
        pairs.map(([key, value]) => [
          key,
          typeof value === 'string' ? toHex(encodeRlp(hex(value))) : value.rlpList,
        ]),
      );
      expect(toHex(encodeRecord(record.signature, record.content))).toBe(rlp);
      if (record.seq === seq) expect(toHex(encodeContent(record))).toBe(toHex(record.content));
    });

  for (const { rlp, structuralError } of rlpStructure)
    test(`${rlp === '' ? 'no bytes' : rlp}: ${structuralError ?? 'its structure is right'}`, () => {
      if (structuralError === null) return expect(() => decodeRecord(hex(rlp))).not.toThrow();
      expect(() => decodeRecord(hex(rlp))).toThrow(/^malformedRecord: /);
    });

  test('keys in descending order, and a key twice, are malformed', () => {
    const key = (text: string) => encodeRlp(new TextEncoder().encode(text));
    const record = (...keys: string[]) =>
      joinRlpList([encodeRlp(SIGNATURE), encodeRlp(1), ...keys.flatMap((k) => [key(k), key('v')])]);
    expect(() => decodeRecord(record('a', 'b'))).not.toThrow();
    expect(() => decodeRecord(record('b', 'a'))).toThrow(/^malformedRecord: keys/);
    expect(() => decodeRecord(record('a', 'a'))).toThrow(/^malformedRecord: keys/);
  });

  test('300 bytes are read, and one more is too big before anything is decoded', () => {
    const record = (bytes: number) =>
      encodeContent({ seq: 1, entries: entriesOf([['a', new Uint8Array(bytes)]]) });
    const room = 300 - 3 - 66 - 1 - 1 - 2; // two headers, the signature, the sequence number, the key
    const longest = encodeRecord(SIGNATURE, record(room));
    expect(longest).toHaveLength(MAX_RECORD_BYTES);
    expect(decodeRecord(longest).entries.size).toBe(1);
    expect(() => encodeRecord(SIGNATURE, record(room + 1))).toThrow(/^recordTooBig: 301 > 300/);
    expect(() => decodeRecord(new Uint8Array(301))).toThrow(/^recordTooBig: 301 > 300/);
  });

  test('what was read shares no memory with the bytes', () => {
    const bytes = recordBytes(valid[0]!.text);
    const { entries, content } = decodeRecord(bytes);
    const before = [[...entries].map(([, value]) => toHex(value)), toHex(content)];
    bytes.fill(0);
    expect([[...entries].map(([, value]) => toHex(value)), toHex(content)]).toEqual(before);
  });
});

describe('encodeContent', () => {
  const { cases = [] } = recordSemantics.find(({ name }) => name === 'set-keeps-sorted')!;
  for (const { set, want } of cases)
    test(`sorts ${set.map(([key]) => key)}`, () => {
      const content = encodeContent({ seq: 1, entries: entriesOf(set) });
      const { entries } = decodeRecord(encodeRecord(SIGNATURE, content));
      expect([...entries]).toEqual([...entriesOf(want)]);
    });

  test('keys of any bytes come back', () => {
    const key = '\u00ff\u0000\u0080';
    const content = encodeContent({ seq: 0, entries: entriesOf([[key, 1]]) });
    expect([...decodeRecord(encodeRecord(SIGNATURE, content)).entries.keys()]).toEqual([key]);
  });

  test.for([-1, 0.5, Number.NaN, 2 ** 53])('a sequence number of %d is a RangeError', (seq) => {
    expect(() => encodeContent({ seq, entries: new Map() })).toThrow(RangeError);
  });
});

describe('recordBytes', () => {
  const [{ text }] = valid as [(typeof valid)[0]];

  test.for([
    ['no prefix', text.slice(4)],
    ['another case', text.replace('enr:', 'ENR:')],
    ['a blank', `${text} `],
    ['padding', `${text}=`],
    ['the other alphabet', text.replace(/[-_]/, '+')],
    ['stray bits at the end', `${text.slice(0, -1)}9`],
  ])('refuses %s', ([, wrong]) => {
    expect(() => recordBytes(wrong as string)).toThrow(RecordError);
  });

  test('a long text is refused unread', () => {
    expect(() => recordBytes(`enr:${'A'.repeat(401)}`)).toThrow(/^recordTooBig: /);
  });
});
