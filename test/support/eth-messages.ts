/** Any message of eth, for property tests and as seeds of the fuzzer. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import {
  ETH_CODES,
  type EthMessage,
  type EthMessageType,
  type EthVersion,
  ethTypeOf,
} from '../../src/io/wire/eth-message.ts';
import type { EthStatus } from '../../src/io/wire/eth-status.ts';
import { encodeRlp } from '../../src/io/wire/rlp.ts';
import { toHex } from './crypto.ts';
import { rlpBytes } from './wire.ts';

const digits = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => toHex(value));
const hash = digits(32);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hashes = fc.array(hash, { maxLength: 5 });
const items = fc.array(rlpBytes, { maxLength: 5 });
const cells = digits(16);
const HEADER = encodeRlp([1, 2, 3, 4, 5, 6, 7, 8, 9, [10]]);

const statusOf = (version: EthVersion): fc.Arbitrary<EthStatus> => {
  const base = {
    ...{ version: uint64, networkId: uint64, genesis: hash },
    forkId: fc.record({ hash: digits(4), next: uint64 }),
  };
  return version === 68
    ? fc.record({
        ...base,
        totalDifficulty: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        head: hash,
      })
    : fc.record({ ...base, earliest: uint64, latest: uint64, latestHash: hash });
};

const fieldsOf = (
  version: EthVersion,
): Record<EthMessageType, Record<string, fc.Arbitrary<unknown>>> => {
  const requestId = uint64;
  const asked = { requestId, hashes };
  const answered = { requestId, items };
  return {
    status: { status: statusOf(version) },
    newBlockHashes: { blocks: fc.array(fc.record({ hash, number: uint64 }), { maxLength: 5 }) },
    transactions: { items },
    getBlockHeaders: {
      ...{ requestId, start: fc.oneof(hash, uint64), limit: uint64, skip: uint64 },
      reverse: fc.boolean(),
    },
    blockHeaders: answered,
    getBlockBodies: asked,
    blockBodies: answered,
    newBlock: {
      ...{ hash: fc.constant(toHex(keccak_256(HEADER))), number: fc.constant(9n) },
      block: fc.constant(encodeRlp([[1, 2, 3, 4, 5, 6, 7, 8, 9, [10]], [], []])),
      totalDifficulty: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    },
    newPooledTransactionHashes: {
      announcements: fc.array(fc.record({ hash, type: fc.nat(255), size: fc.nat(2 ** 31 - 1) }), {
        maxLength: 5,
      }),
      ...(version >= 72 && { cells }),
    },
    getPooledTransactions: asked,
    pooledTransactions: answered,
    getReceipts: { ...asked, ...(version >= 70 && { firstReceipt: uint64 }) },
    receipts: { ...answered, ...(version >= 70 && { isLastIncomplete: fc.boolean() }) },
    blockRangeUpdate: { earliest: uint64, latest: uint64, latestHash: hash },
    getBlockAccessLists: asked,
    blockAccessLists: answered,
    getCells: { ...asked, cells },
    cells: { ...asked, ...answered, cells },
  };
};

/** Any message that this version has. */
export const anyEthMessage = (version: EthVersion): fc.Arbitrary<EthMessage> =>
  fc.oneof(
    ...Object.entries(fieldsOf(version))
      .filter(([type]) => ethTypeOf(version, ETH_CODES[type as EthMessageType]) !== null)
      .map(([type, fields]) => fc.record({ type: fc.constant(type), ...fields })),
  ) as fc.Arbitrary<EthMessage>;
