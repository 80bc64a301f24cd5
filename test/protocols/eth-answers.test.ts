import { describe, expect, test } from 'vitest';
import { type EthMessage, encodeEth } from '../../src/io/wire/eth-message.ts';
import { emptyAnswer } from '../../src/protocols/eth-answers.ts';
import { toHex } from '../support/crypto.ts';
import { ethPair, HASH, statusOf } from '../support/eth-pair.ts';

const requestId = 7n;
const hashes = [HASH(1), HASH(2)];
const cells = 'ff'.repeat(16);

describe('the answer of a node without blocks', () => {
  test.each<[EthMessage, EthMessage]>([
    [
      { type: 'getBlockHeaders', requestId, start: 1n, limit: 9n, skip: 0n, reverse: false },
      { type: 'blockHeaders', requestId, items: [] },
    ],
    [
      { type: 'getBlockBodies', requestId, hashes },
      { type: 'blockBodies', requestId, items: [] },
    ],
    [
      { type: 'getPooledTransactions', requestId, hashes },
      { type: 'pooledTransactions', requestId, items: [] },
    ],
    [
      { type: 'getReceipts', requestId, firstReceipt: 3n, hashes },
      { type: 'receipts', requestId, isLastIncomplete: false, items: [] },
    ],
    [
      { type: 'getBlockAccessLists', requestId, hashes },
      { type: 'blockAccessLists', requestId, items: [Uint8Array.of(0x80), Uint8Array.of(0x80)] },
    ],
    [
      { type: 'getCells', requestId, hashes, cells },
      { type: 'cells', requestId, hashes: [], items: [], cells },
    ],
  ])('repeats the request id and has nothing', async (request, answer) => {
    const pair = ethPair(72);
    await pair.say({ type: 'status', status: statusOf(72) }, request);
    expect(pair.take().slice(1)).toEqual([answer]);
    await pair.end();
  });

  test('of eth/69 about receipts has two items, since eth/70 three', () => {
    const answer = emptyAnswer({ type: 'getReceipts', requestId, hashes })!;
    expect(toHex(encodeEth(69, answer))).toBe('c207c0');
    expect(toHex(encodeEth(70, answer))).toBe('c30780c0');
  });

  test('has 1,024 access lists at most', () => {
    const many = Array.from({ length: 2_000 }, () => HASH(1));
    const answer = emptyAnswer({ type: 'getBlockAccessLists', requestId, hashes: many });
    expect(answer).toMatchObject({ items: { length: 1_024 } });
  });

  test('is none to what is no request', () => {
    expect(emptyAnswer({ type: 'transactions', items: [] })).toBeNull();
  });
});
