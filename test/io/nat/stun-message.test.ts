import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { bindingRequest, readBindingResponse } from '../../../src/io/nat/stun-message.ts';
import { stunResponse } from '../../support/fake-stun.ts';

const ID = Uint8Array.from({ length: 12 }, (_, index) => index + 1);
const REQUEST = bindingRequest(ID);

test('a request is as in RFC 5389', () => {
  expect(Buffer.from(REQUEST).toString('hex')).toBe(
    '00010000' + '2112a442' + '0102030405060708090a0b0c',
  );
});

/** Source: RFC 5769, 2.2 and 2.3, with their transaction id. */
test('the addresses of RFC 5769 are read', () => {
  const id = Uint8Array.from(Buffer.from('b7e7a701bc34d686fa87dfae', 'hex'));
  const ipv4 =
    '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96';
  const ipv6 =
    '010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c';
  const read = (text: string) => readBindingResponse(Buffer.from(text, 'hex'), id);
  expect(read(ipv4)).toBe('192.0.2.1');
  expect(read(ipv6)).toBe('2001:db8:1234:5678:11:2233:4455:6677');
});

describe('an answer', () => {
  const answer = (): Uint8Array => stunResponse(REQUEST, '93.184.216.34');

  test('is read, behind an attribute that is not known', () => {
    expect(readBindingResponse(answer(), ID)).toBe('93.184.216.34');
  });

  test.for([
    ['is too short', (bytes: Uint8Array) => bytes.subarray(0, 19)],
    ['is cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['is a request', (bytes: Uint8Array) => bytes.with(0, 0)],
    ['is an error', (bytes: Uint8Array) => bytes.with(1, 0x11)],
    ['is of the older protocol', (bytes: Uint8Array) => bytes.with(4, 0)],
    ['is to another request', (bytes: Uint8Array) => bytes.with(19, 0)],
    ['has a length that is not a multiple of four', (bytes: Uint8Array) => bytes.with(3, 19)],
    ['has no address', (bytes: Uint8Array) => bytes.with(3, 8)],
    ['has an attribute that goes beyond its end', (bytes: Uint8Array) => bytes.with(3, 16)],
    ['has an attribute that is too long', (bytes: Uint8Array) => bytes.with(23, 99)],
    ['has an address of no known family', (bytes: Uint8Array) => bytes.with(33, 3)],
    ['has an address that is too short', (bytes: Uint8Array) => bytes.with(33, 2)],
  ] as const)('that %s is none', ([, change]) => {
    expect(readBindingResponse(change(answer()), ID)).toBeNull();
  });

  test('of any bytes is read without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (any) => {
        readBindingResponse(any, ID);
        readBindingResponse(Uint8Array.from([...answer().subarray(0, 20), ...any]), ID);
      }),
    );
  });
});
