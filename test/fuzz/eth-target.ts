/** Messages of eth, and the transactions in them. The first byte says which version, the second one which message. */
import { concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import {
  decodeEth,
  ETH_CODES,
  ETH_VERSIONS,
  type EthMessage,
  encodeEth,
  ethTypeOf,
} from '../../src/io/wire/eth-message.ts';
import { readTransaction, transactionItem } from '../../src/io/wire/transaction.ts';
import { anyEthMessage } from '../support/eth-messages.ts';
import { demand, demandEqual, faultOr, sameBytes, type Target } from './target.ts';

/** Heap of one item: a view of the payload, or a hash as text. */
const ITEM_BYTES = 320;

export const eth: Target = {
  name: 'eth',
  maxBytes: 1024,
  isRlp: true,
  seeds: () =>
    ETH_VERSIONS.flatMap((version, index) =>
      fc
        .sample(anyEthMessage(version), { numRuns: 24, seed: version })
        .map((message) =>
          concatBytes(Uint8Array.of(index, ETH_CODES[message.type]), encodeEth(version, message)),
        ),
    ),
  extraBytes: (input) => ITEM_BYTES * input.length,
  run(input) {
    const [index = 0, code = 0] = input;
    const version = ETH_VERSIONS[index % ETH_VERSIONS.length]!;
    const type = ethTypeOf(version, code);
    if (type === null) return null;
    const payload = input.subarray(2);
    const message = faultOr(['malformedRlp'], () => decodeEth(version, type, payload));
    if (!message) return null;
    demand(sameBytes(encodeEth(version, message), payload), 'what is read is canonical');
    return [message, transactionsIn(message)];
  },
};

function transactionsIn(message: EthMessage) {
  if (message.type !== 'transactions' && message.type !== 'pooledTransactions') return [];
  return message.items.map((item) => {
    const transaction = faultOr(['malformedRlp'], () => readTransaction(item));
    if (transaction)
      demandEqual(transactionItem(transaction.bytes), new Uint8Array(item), 'the item is kept');
    return transaction;
  });
}
