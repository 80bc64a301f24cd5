import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { encodeRlp } from '../../../src/io/wire/rlp.ts';
import { readTransaction, transactionItem } from '../../../src/io/wire/transaction.ts';
import { hex, toHex } from '../../support/crypto.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';

/** Signed by the key of EIP-155; source: EIP-155, "Example". */
const LEGACY = hex(
  'f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
);
const LEGACY_HASH = '33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788';

describe('a transaction', () => {
  test('of the legacy form is a list, and hashed as it is', () => {
    expect(readTransaction(LEGACY)).toEqual({ hash: LEGACY_HASH, type: 0, bytes: LEGACY });
    expect(transactionItem(LEGACY)).toBe(LEGACY);
  });

  test('with a type is a string, and hashed with its type', () => {
    const bytes = concatBytes(Uint8Array.of(2), encodeRlp([1, 2, 3]));
    const item = transactionItem(bytes);
    expect(readTransaction(item)).toEqual({ hash: toHex(keccak_256(bytes)), type: 2, bytes });
  });

  test('with blobs is hashed without them', () => {
    const fields = [1, 2, 3];
    const bare = concatBytes(Uint8Array.of(3), encodeRlp(fields));
    const full = concatBytes(
      Uint8Array.of(3),
      encodeRlp([fields, 1, [new Uint8Array(99)], [], []]),
    );
    const { hash, type, bytes } = readTransaction(transactionItem(full));
    expect([hash, type, bytes]).toEqual([toHex(keccak_256(bare)), 3, full]);
    expect(readTransaction(transactionItem(bare)).hash).toBe(hash);
  });

  test('of another type whose first field is a list is hashed whole', () => {
    const bytes = concatBytes(Uint8Array.of(4), encodeRlp([[1], 2]));
    expect(readTransaction(transactionItem(bytes)).hash).toBe(toHex(keccak_256(bytes)));
  });

  test('is a copy, so that it does not keep the message', () => {
    const message = new Uint8Array(1000);
    message.set(LEGACY, 7);
    const { bytes } = readTransaction(message.subarray(7, 7 + LEGACY.length));
    expect(bytes.buffer.byteLength).toBe(LEGACY.length);
  });

  test.each([
    ['an empty string', encodeRlp(new Uint8Array())],
    ['type 0 as a string', encodeRlp(hex('00c0'))],
    ['a type that begins a string of RLP', encodeRlp(hex('80c0'))],
    ['a type without a list', encodeRlp(hex('0200'))],
    ['a type and an empty list', encodeRlp(hex('02c0'))],
    ['a type and two lists', encodeRlp(hex('02c101c101'))],
    ['a list with too many fields', encodeRlp(Array.from({ length: 65 }, () => 1))],
  ])('is not %s', (_title, item) => {
    expect(() => readTransaction(item)).toThrow(fault('malformedRlp'));
  });

  test('is read from any bytes, or refused', () =>
    expectDecodesOrFaults(readTransaction, ['malformedRlp']));
});
