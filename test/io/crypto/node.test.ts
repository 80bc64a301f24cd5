import { describe, expect, test } from 'vitest';

import { parseEnode } from '../../../src/io/crypto/enode.ts';
import { parseNode, parseRecord } from '../../../src/io/crypto/node.ts';
import { recordValue, signRecord } from '../../../src/io/crypto/node-record.ts';
import { formatRecord } from '../../../src/io/wire/enr.ts';
import { hex } from '../../support/crypto.ts';
import { enodeOf, keyOf } from '../../support/world.ts';

const recordOf = (entries: Readonly<Record<string, Uint8Array | number>>): string => {
  const values = Object.entries(entries).map(([key, value]) => [key, recordValue(value)] as const);
  return formatRecord(signRecord({ seq: 7, entries: new Map(values) }, keyOf(1)).bytes);
};
const WHOLE = recordOf({ ip: hex('c0000201'), tcp: 30_303, udp: 30_304 });

describe('parseNode', () => {
  test('reads an enode URL as before', () => {
    const url = enodeOf(1);
    expect(parseNode(url)).toEqual({ ...parseEnode(url), record: null, text: url });
  });

  test('reads a record: key, address and ports', () => {
    const { publicKey, id } = parseEnode(enodeOf(1));
    expect(parseNode(WHOLE)).toEqual({
      publicKey,
      id,
      host: '192.0.2.1',
      hostKind: 'ipv4',
      tcpPort: 30_303,
      udpPort: 30_304,
      record: parseRecord(WHOLE),
      text: WHOLE,
    });
  });

  test('reads the text of a node that was read before, and nothing else of it', () => {
    const node = parseNode(WHOLE);
    expect(parseNode({ ...node, id: 'ff', host: 'wrong' } as typeof node)).toEqual(node);
    expect(() => parseNode({ text: 'enode://' })).toThrow(TypeError);
  });

  test('a record without an address names a node that has to be found', () => {
    expect(parseNode(recordOf({}))).toMatchObject({ host: '', hostKind: 'none', tcpPort: 0 });
  });

  test.for([
    [`${WHOLE}\n`, /^node record expected no blanks, got a line break \(U\+000A\) at its end$/],
    [`${WHOLE}=`, /^node record cannot be read: malformedRecord: a text that is not base64url$/],
    [WHOLE.replace('enr:', 'ENR:'), /^node record cannot be read: malformedRecord: a text that/],
    [`${WHOLE.slice(0, 20)}A${WHOLE.slice(21)}`, /^node record cannot be read: \w+: /],
    ['enr:', /^node record cannot be read: malformedRecord: /],
    ['node.example:30303', /^enode URL expected enode:/],
  ] as const)('refuses %j', ([text, message]) => {
    expect(() => parseNode(text)).toThrow(TypeError);
    expect(() => parseNode(text)).toThrow(message);
  });
});
