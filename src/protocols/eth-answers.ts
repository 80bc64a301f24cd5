/** What a node without blocks and transactions answers to the requests of eth: honestly, and within the limits of go-ethereum. */
import type { EthMessage } from '../io/wire/eth-message.ts';

/** Most block access lists in one answer. Source: go-ethereum eth/protocols/eth/handler.go, `maxBALsServe`. */
const MAX_LISTS = 1_024;

/** RLP of the empty string: a list that is not there. Source: EIP-8159. */
const NO_LIST = Uint8Array.of(0x80);

/** The answer to a request; null for any other message. */
export function emptyAnswer(message: EthMessage): EthMessage | null {
  switch (message.type) {
    case 'getBlockHeaders':
      return { type: 'blockHeaders', requestId: message.requestId, items: [] };
    case 'getBlockBodies':
      return { type: 'blockBodies', requestId: message.requestId, items: [] };
    case 'getPooledTransactions':
      return { type: 'pooledTransactions', requestId: message.requestId, items: [] };
    case 'getReceipts':
      return { type: 'receipts', requestId: message.requestId, items: [] };
    case 'getBlockAccessLists': {
      const items = message.hashes.slice(0, MAX_LISTS).map(() => NO_LIST);
      return { type: 'blockAccessLists', requestId: message.requestId, items };
    }
    case 'getCells': {
      const { requestId, cells } = message;
      return { type: 'cells', requestId, hashes: [], items: [], cells };
    }
    default:
      return null;
  }
}
