import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeEth,
  ETH_CODES,
  ETH_LENGTHS,
  ETH_VERSIONS,
  type EthMessage,
  type EthVersion,
  encodeEth,
  ethTypeOf,
  MAX_ETH_ITEMS,
  MAX_TRANSACTIONS,
} from '../../../src/io/wire/eth-message.ts';
import { encodeRlp, joinRlpList } from '../../../src/io/wire/rlp.ts';
import { hex, toHex } from '../../support/crypto.ts';
import { anyEthMessage } from '../../support/eth-messages.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';

const read = (version: EthVersion, type: EthMessage['type'], payload: Uint8Array) =>
  decodeEth(version, type, payload);

const hashes = ['deadc0de', 'feedbeef'].map((end) => end.padStart(64, '0'));
const requestId = 1111n;
const HASHES =
  'f847820457f842a000000000000000000000000000000000000000000000000000000000deadc0dea000000000000000000000000000000000000000000000000000000000feedbeef';

/** What go-ethereum writes. Source: eth/protocols/eth/protocol_test.go, TestMessages and TestEmptyMessages. */
const VECTORS: readonly (readonly [EthVersion, EthMessage, string])[] = [
  [
    69,
    {
      ...{ type: 'getBlockHeaders', requestId, start: hashes[0]! },
      ...{ limit: 5n, skip: 5n, reverse: false },
    },
    'e8820457e4a000000000000000000000000000000000000000000000000000000000deadc0de050580',
  ],
  [
    69,
    {
      ...{ type: 'getBlockHeaders', requestId, start: 9999n },
      ...{ limit: 5n, skip: 5n, reverse: false },
    },
    'ca820457c682270f050580',
  ],
  [69, { type: 'getBlockBodies', requestId, hashes }, HASHES],
  [69, { type: 'getReceipts', requestId, hashes }, HASHES],
  [69, { type: 'getPooledTransactions', requestId, hashes }, HASHES],
  [69, { type: 'blockHeaders', requestId, items: [] }, 'c4820457c0'],
  [69, { type: 'blockBodies', requestId, items: [] }, 'c4820457c0'],
  [69, { type: 'receipts', requestId, items: [] }, 'c4820457c0'],
  [69, { type: 'pooledTransactions', requestId, items: [] }, 'c4820457c0'],
  [70, { type: 'receipts', requestId, isLastIncomplete: false, items: [] }, 'c582045780c0'],
];

describe('a message', () => {
  test.each(
    VECTORS.map(([version, message, bytes]) => ({ version, type: message.type, message, bytes })),
  )('$type of eth/$version is written as go-ethereum writes it', ({ version, message, bytes }) => {
    expect(toHex(encodeEth(version, message))).toBe(bytes);
    expect(read(version, message.type, hex(bytes))).toEqual(message);
  });

  test.each(ETH_VERSIONS)('of eth/%d is read as it was written', (version) => {
    fc.assert(
      fc.property(anyEthMessage(version), (message) => {
        expect(read(version, message.type, encodeEth(version, message))).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  test.each(ETH_VERSIONS)('of eth/%d is read from any bytes, or refused', (version) => {
    const types = Object.keys(ETH_CODES) as EthMessage['type'][];
    expectDecodesOrFaults(
      (bytes) => read(version, types[bytes.length % types.length]!, bytes),
      ['malformedRlp'],
    );
  });
});

describe('a code', () => {
  test('has a meaning in the versions that have the message', () => {
    const known = (version: EthVersion) =>
      Array.from({ length: 64 }, (_, code) => ethTypeOf(version, code)).filter((type) => type);
    const since = (...types: readonly string[]) => types;
    const first = Object.keys(ETH_CODES).slice(0, 13);
    const range = since(...first, 'blockRangeUpdate');
    const lists = since(...range, 'getBlockAccessLists', 'blockAccessLists');
    expect(known(68)).toEqual(first);
    expect([known(69), known(70)]).toEqual([range, range]);
    expect(known(71)).toEqual(lists);
    expect(known(72)).toEqual([...lists, 'getCells', 'cells']);
  });

  test('is below the length of its version', () => {
    for (const version of ETH_VERSIONS) expect(ethTypeOf(version, ETH_LENGTHS[version])).toBeNull();
  });

  test('of the messages that eth/67 removed has no meaning', () => {
    expect([ethTypeOf(68, 0x0d), ethTypeOf(68, 0x0e)]).toEqual([null, null]);
  });
});

describe('an announcement of transactions', () => {
  const hash = hex(hashes[0]!);

  test.each([
    ['a type too few', encodeRlp([hex(''), [1], [hash]])],
    ['a size too many', encodeRlp([hex('02'), [1, 1], [hash]])],
    ['a hash too many', encodeRlp([hex('02'), [1], [hash, hash]])],
    ['a hash of 31 bytes', encodeRlp([hex('02'), [1], [hash.subarray(1)]])],
    ['a size above 32 bits', encodeRlp([hex('02'), [2 ** 32], [hash]])],
    ['cells before eth/72', encodeRlp([hex('02'), [1], [hash], new Uint8Array(16)])],
  ])('with %s is refused', (_title, payload) => {
    expect(() => read(71, 'newPooledTransactionHashes', payload)).toThrow(fault('malformedRlp'));
  });

  test('without cells is refused since eth/72', () => {
    const payload = encodeRlp([hex('02'), [1], [hash]]);
    expect(read(71, 'newPooledTransactionHashes', payload)).toEqual({
      type: 'newPooledTransactionHashes',
      announcements: [{ hash: hashes[0], type: 2, size: 1 }],
    });
    expect(() => read(72, 'newPooledTransactionHashes', payload)).toThrow(fault('malformedRlp'));
  });

  test('P19: has at most 65,536 hashes', () => {
    const named = Array.from({ length: MAX_ETH_ITEMS + 1 }, () => encodeRlp(hash));
    const payload = (count: number) =>
      joinRlpList([
        encodeRlp(new Uint8Array(count)),
        joinRlpList(named.slice(0, count).map(() => Uint8Array.of(1))),
        joinRlpList(named.slice(0, count)),
      ]);
    const last = read(69, 'newPooledTransactionHashes', payload(MAX_ETH_ITEMS));
    expect(last).toMatchObject({ announcements: { length: MAX_ETH_ITEMS } });
    expect(() => read(69, 'newPooledTransactionHashes', payload(MAX_ETH_ITEMS + 1))).toThrow(
      fault('malformedRlp'),
    );
  });
});

test('a message has at most 5,000 transactions', () => {
  const of = (count: number) => joinRlpList(Array.from({ length: count }, () => hex('c101')));
  expect(read(69, 'transactions', of(MAX_TRANSACTIONS))).toMatchObject({ items: { length: 5000 } });
  expect(() => read(69, 'transactions', of(5001))).toThrow(fault('malformedRlp'));
});

test('a boolean is 0 or 1', () => {
  const of = (reverse: number) => encodeRlp([1, [9, 1, 0, reverse]]);
  expect(read(69, 'getBlockHeaders', of(1))).toMatchObject({ reverse: true });
  expect(() => read(69, 'getBlockHeaders', of(2))).toThrow(fault('malformedRlp'));
});

test.each([
  ['no header', encodeRlp([[], 1])],
  ['two items in its block', encodeRlp([[[], []], 1])],
  ['a header that is no list', encodeRlp([[1, [], []], 1])],
  ['a header without a number', encodeRlp([[[1, 2, 3, 4, 5, 6, 7, 8], [], []], 1])],
  ['five items in its block', encodeRlp([[[], [], [], [], []], 1])],
])('a new block with %s is refused', (_title, payload) => {
  expect(() => read(69, 'newBlock', payload)).toThrow(fault('malformedRlp'));
});
