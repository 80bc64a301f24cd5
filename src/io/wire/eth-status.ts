/**
 * The Status message of eth/68 to eth/72: the form before eth/69, with a total difficulty, and the one since, with the
 * range of blocks.
 * Source: devp2p/caps/eth.md, "Status"; EIP-7642 for eth/69.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { WireError } from './error.ts';
import { type ForkId, forkIdValue, readForkId } from './fork-id.ts';
import { hexOf } from './hex.ts';
import {
  asBigUint64,
  asBytes,
  asList,
  decodeRlp,
  encodeRlp,
  type RlpValue,
  uintBytes,
} from './rlp.ts';

/** Bytes of a block hash or a transaction hash. */
const HASH_BYTES = 32;

/** Longest total difficulty, in bytes: 256 bits. */
const MAX_DIFFICULTY_BYTES = 32;

/** Bytes of a list with a fork id whose items are all as long as they may be, and some more. Ours. */
const MAX_STATUS_BYTES = 256;

type StatusBase = {
  /** Version of eth as the sender understands it. */
  readonly version: bigint;
  readonly networkId: bigint;
  /** Of the genesis block, 64 hex digits. */
  readonly genesis: string;
  readonly forkId: ForkId;
};

/** Blocks that a node has, by number; `latestHash` has 64 hex digits. */
export type BlockRange = {
  readonly earliest: bigint;
  readonly latest: bigint;
  readonly latestHash: string;
};

/** eth/68. */
type StatusWithDifficulty = StatusBase & {
  readonly totalDifficulty: bigint;
  /** Hash of the latest block, 64 hex digits. */
  readonly head: string;
};

/** Since eth/69. */
type StatusWithRange = StatusBase & BlockRange;

export type EthStatus = StatusWithDifficulty | StatusWithRange;

/** The first version whose Status has the range of blocks. */
const FIRST_WITH_RANGE = 69;

export function encodeStatus(status: EthStatus): Uint8Array {
  const { version, networkId, genesis, forkId } = status;
  const first = [uintBytes(version), uintBytes(networkId)];
  const last = [hexToBytes(genesis), forkIdValue(forkId)];
  return encodeRlp(
    'earliest' in status
      ? [...first, ...last, ...blockRangeItems(status)]
      : [...first, uintBytes(status.totalDifficulty), hexToBytes(status.head), ...last],
  );
}

/**
 * Reads the form of the negotiated version; the version that the Status names is not compared. As in go-ethereum, the list
 * has exactly its items.
 *
 * @throws {WireError} `malformedRlp`
 */
export function decodeStatus(negotiated: number, payload: Uint8Array): EthStatus {
  if (payload.length > MAX_STATUS_BYTES)
    throw new WireError('malformedRlp', `a Status of ${payload.length} bytes`);
  if (negotiated >= FIRST_WITH_RANGE) {
    const [version, networkId, genesis, forkId, ...range] = exactly(decodeRlp(payload), 7);
    return {
      ...baseOf(version, networkId, genesis, forkId),
      ...readBlockRange(range as readonly RlpValue[]),
    };
  }
  const [version, networkId, difficulty, head, genesis, forkId] = exactly(decodeRlp(payload), 6);
  return {
    ...baseOf(version, networkId, genesis, forkId),
    totalDifficulty: readDifficulty(difficulty),
    head: readHash(head),
  };
}

export const blockRangeItems = ({ earliest, latest, latestHash }: BlockRange) => [
  uintBytes(earliest),
  uintBytes(latest),
  hexToBytes(latestHash),
];

/**
 * Three items: earliest, latest and its hash. Whether they make a range is left to the caller.
 *
 * @throws {WireError} `malformedRlp`
 */
export function readBlockRange(items: readonly RlpValue[]): BlockRange {
  const [earliest, latest, latestHash] = exactly(items, 3);
  return {
    earliest: asBigUint64(earliest),
    latest: asBigUint64(latest),
    latestHash: readHash(latestHash),
  };
}

/** @throws {WireError} `malformedRlp` */
export const readHash = (value: RlpValue | undefined): string => hexOf(asBytes(value, HASH_BYTES));

/** @throws {WireError} `malformedRlp` */
export function exactly(value: RlpValue, count: number): readonly RlpValue[] {
  const items = asList(value, count);
  if (items.length > count)
    throw new WireError('malformedRlp', `list of ${items.length} items, not ${count}`);
  return items;
}

/** @throws {WireError} `malformedRlp` */
export function readDifficulty(value: RlpValue | undefined): bigint {
  const bytes = asBytes(value);
  if (bytes.length > MAX_DIFFICULTY_BYTES || bytes[0] === 0)
    throw new WireError('malformedRlp', 'a difficulty that is no integer of 256 bits');
  return bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`);
}

const baseOf = (
  version: RlpValue | undefined,
  networkId: RlpValue | undefined,
  genesis: RlpValue | undefined,
  forkId: RlpValue | undefined,
): StatusBase => ({
  version: asBigUint64(version),
  networkId: asBigUint64(networkId),
  genesis: readHash(genesis),
  forkId: readForkId(forkId),
});
