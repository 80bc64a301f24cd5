/**
 * Transactions as eth passes them on: their type, their hash, their size. Their fields are not read.
 * Source: devp2p/caps/eth.md, "Transaction Encoding and Validity"; EIP-2718; EIP-4844, "Networking".
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';

import { WireError } from './error.ts';
import { hexOf } from './hex.ts';
import { encodeRlp, isRlpList, viewRlpItems, viewRlpString } from './rlp.ts';

/** Types from here on are the first bytes of lists and strings in RLP. Source: EIP-2718. */
const FIRST_TYPE = 1;
const LAST_TYPE = 0x7f;

/** Has blobs beside it while it is not in a block. */
const BLOB_TYPE = 3;

/** Most items of a legacy transaction or of the list in a typed one. Ours: the largest known has 14. */
const MAX_FIELDS = 64;

export type Transaction = {
  /** Keccak-256 of the consensus encoding, 64 hex digits. */
  readonly hash: string;
  /** Of EIP-2718; 0 for legacy transactions. */
  readonly type: number;
  /** As it was received: a list for type 0, type and list for others; blobs beside a transaction of type 3 included. A copy. */
  readonly bytes: Uint8Array;
};

/**
 * Reads one item of a message. Nothing is checked but that it is a list, or a type and a list.
 *
 * @throws {WireError} `malformedRlp`
 */
export function readTransaction(item: Uint8Array): Transaction {
  if (isRlpList(item)) {
    viewRlpItems(item, MAX_FIELDS);
    return { hash: hashOf(item), type: 0, bytes: new Uint8Array(item) };
  }
  const bytes = viewRlpString(item);
  const [type = 0] = bytes;
  if (type < FIRST_TYPE || type > LAST_TYPE)
    throw new WireError('malformedRlp', `a transaction of type ${type}`);
  const [first] = viewRlpItems(bytes.subarray(1), MAX_FIELDS);
  if (first === undefined) throw new WireError('malformedRlp', 'a transaction without fields');
  const isWithBlobs = type === BLOB_TYPE && isRlpList(first);
  const consensus = isWithBlobs ? concatBytes(Uint8Array.of(type), first) : bytes;
  return { hash: hashOf(consensus), type, bytes: new Uint8Array(bytes) };
}

/** The item of a message for the bytes of a transaction. */
export const transactionItem = (bytes: Uint8Array): Uint8Array =>
  isRlpList(bytes) ? bytes : encodeRlp(bytes);

const hashOf = (bytes: Uint8Array): string => hexOf(keccak_256(bytes));
