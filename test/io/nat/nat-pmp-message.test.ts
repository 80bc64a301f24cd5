import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  addressRequest,
  mappingRequest,
  readAddress,
  readMapping,
} from '../../../src/io/nat/nat-pmp-message.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

test('requests are as in RFC 6886', () => {
  expect(hex(addressRequest())).toBe('0000');
  const wish = { externalPort: 0x1234, lifetimeS: 600 };
  expect(hex(mappingRequest('udp', 30_303, wish))).toBe('00010000765f123400000258');
  expect(hex(mappingRequest('tcp', 30_303, wish))).toBe('00020000765f123400000258');
});

describe('an answer with the address', () => {
  test('is read', () => {
    expect(readAddress(bytes('0080000000000001' + '5db8d822'))).toEqual({ host: '93.184.216.34' });
  });

  test.for([
    ['is too short', '00800000000000'],
    ['has no address', '0080000000000001' + '5db8d8'],
    ['is of another version', '0180000000000001' + '5db8d822'],
    ['is a request', '0000000000000001' + '5db8d822'],
    ['is about a mapping', '0081000000000001' + '5db8d822'],
  ])('that %s is none', ([, text]) => {
    expect(readAddress(bytes(text!))).toBeNull();
  });

  test.for([
    [1, 'it speaks another version of NAT-PMP'],
    [2, 'it is set to map no ports'],
    [3, 'it has no connection to the internet'],
    [4, 'it has no room for another mapping'],
    [5, 'it does not know this request'],
    [9, 'it answers with the unknown code 9'],
  ] as const)('with the code %d says why there is none', ([code, fault]) => {
    expect(readAddress(Uint8Array.of(0, 128, 0, code, 0, 0, 0, 1))).toEqual({ fault });
  });
});

describe('an answer about a mapping', () => {
  const ANSWER = '0082000000000001' + '765f' + '9dd0' + '00000258';

  test('is read', () => {
    expect(readMapping(bytes(ANSWER), 'tcp', 30_303)).toEqual({
      externalPort: 0x9dd0,
      lifetimeS: 600,
    });
  });

  test('of another port, another protocol or half the length is none', () => {
    expect(readMapping(bytes(ANSWER), 'tcp', 30_304)).toBeNull();
    expect(readMapping(bytes(ANSWER), 'udp', 30_303)).toBeNull();
    expect(readMapping(bytes(ANSWER.slice(0, -2)), 'tcp', 30_303)).toBeNull();
  });

  test('that refuses says why', () => {
    expect(readMapping(bytes('0082000400000001'), 'tcp', 1)).toEqual({
      fault: 'it has no room for another mapping',
    });
  });
});

test('any bytes are read without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (any) => {
      readAddress(any);
      readMapping(any, 'udp', 1);
    }),
  );
});
