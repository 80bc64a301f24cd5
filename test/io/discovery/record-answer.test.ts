import { expect, test } from 'vitest';
import { signRecord } from '../../../src/io/crypto/node-record.ts';
import { recordAnswer } from '../../../src/io/discovery/record-answer.ts';
import { chosenPrimitives } from '../../support/crypto.ts';
import { keyOf, recordOf } from '../../support/discv4-net.ts';

const key = keyOf(2);
const AT = { host: '46.0.0.1', port: 30303 };
const node = { id: key.id, host: AT.host, record: null };
const record = recordOf(key, AT, 9);

test('is its record', () => {
  expect(recordAnswer(record.bytes, node, chosenPrimitives)).toEqual({ type: 'record', record });
});

test('of the same number is the record too, and an older one gives way to the one that was known', () => {
  const known = { ...node, record };
  const older = recordOf(key, AT, 8);
  for (const answer of [record, older])
    expect(recordAnswer(answer.bytes, known, chosenPrimitives)).toEqual({ type: 'record', record });
});

test('may be without an address', () => {
  const bare = signRecord({ seq: 1, entries: new Map() }, key);
  expect(recordAnswer(bare.bytes, node, chosenPrimitives)).toEqual({
    type: 'record',
    record: bare,
  });
});

test('is invalid when another node signed it, its address is none for us, or it is no record', () => {
  const others = recordOf(keyOf(3), AT).bytes;
  const lan = recordOf(key, { host: '10.0.0.1', port: 30303 }).bytes;
  const broken = new Uint8Array(record.bytes);
  broken[20]! ^= 1;
  for (const bytes of [others, lan, broken, new Uint8Array(0)])
    expect(recordAnswer(bytes, node, chosenPrimitives)).toMatchObject({ type: 'invalid' });
  expect(recordAnswer(lan, { ...node, host: '10.0.0.9' }, chosenPrimitives).type).toBe('record');
});
