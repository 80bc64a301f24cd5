/**
 * Fork identifiers: which chain a node follows and which forks it has passed, in 4 bytes and the next fork. They stand in
 * the eth Status and in the entry `eth` of node records.
 * Source: EIP-2124 and EIP-6122, devp2p/enr-entries/eth.md; go-ethereum core/forkid.
 */
import { hexToBytes } from '@noble/hashes/utils.js';

import type { RecordEntries } from './enr.ts';
import { WireError } from './error.ts';
import { hexOf } from './hex.ts';
import {
  asBigUint64,
  asBytes,
  asList,
  decodeRlp,
  type RlpInput,
  type RlpValue,
  uintBytes,
} from './rlp.ts';

/** Length of the hash, in bytes. */
const HASH_BYTES = 4;

/** Genesis of mainnet, in Unix seconds: an announced fork above it is a time, below it a block. Source: go-ethereum core/forkid. */
const FIRST_TIME = 1_438_269_973n;

export type ForkId = {
  /** CRC-32 of the genesis hash and of every fork that is passed, 8 hex digits. */
  readonly hash: string;
  /** Block or Unix second of the next fork that is known; 0n: none is. */
  readonly next: bigint;
};

/** What a fork id is made from. */
export type Chain = {
  readonly networkId: number;
  /** 64 hex digits. */
  readonly genesisHash: string;
  /** Unix seconds. Forks up to it are rules of the genesis block. */
  readonly genesisTime: number;
  /** Forks by block number, in any order. */
  readonly blocks: readonly number[];
  /** Forks by time, in Unix seconds, in any order. */
  readonly times: readonly number[];
};

/** The latest block of a node. */
export type Head = {
  readonly block: number;
  /** Unix seconds. */
  readonly time: number;
};

/** `remoteStale`: they have not passed a fork that we have passed. `localIncompatible`: another chain, or we have not passed one of theirs. */
export type ForkIdCheck = 'compatible' | 'remoteStale' | 'localIncompatible';

/** The head of a node that has no blocks and follows the clock: every known fork by block is passed. */
export const headAtTime = (chain: Chain, unixSeconds: number): Head => ({
  block: Math.max(0, ...chain.blocks),
  time: Math.floor(unixSeconds),
});

export function forkIdAt(chain: Chain, head: Head): ForkId {
  const { forks, sums } = historyOf(chain);
  const passed = forks.findIndex((fork) => !isPassed(fork, head));
  const at = passed === -1 ? forks.length : passed;
  return { hash: hexDigits(sums[at]!), next: BigInt(forks[at]?.at ?? 0) };
}

/** The rules of EIP-2124 on the fork id of a remote, by number. */
export function checkForkId(chain: Chain, head: Head, theirs: ForkId): ForkIdCheck {
  const { forks, sums } = historyOf(chain);
  const here = forks.findIndex((fork) => !isPassed(fork, head));
  const at = here === -1 ? forks.length : here;
  const known = sums.findIndex((sum) => hexDigits(sum) === theirs.hash);
  if (known === -1) return 'localIncompatible'; // rule 4
  if (known > at) return 'compatible'; // rule 3: they are ahead, on forks that we know
  if (known < at)
    // rule 2: they are behind, and must know the fork that comes next for them
    return BigInt(forks[known]!.at) === theirs.next ? 'compatible' : 'remoteStale';
  return announcesPassed(theirs.next, forks, at, head) ? 'localIncompatible' : 'compatible'; // rule 1
}

/** Rule 1a: they announce a fork that we do not know and have passed. */
function announcesPassed(next: bigint, forks: readonly Fork[], at: number, head: Head): boolean {
  if (next === 0n) return false;
  const isByTime = forks[at]?.isTime ?? forks.some(({ isTime }) => isTime);
  if (BigInt(isByTime ? head.time : head.block) >= next) return true;
  return next > FIRST_TIME && BigInt(head.time) >= next;
}

type Fork = { readonly at: number; readonly isTime: boolean };

const isPassed = ({ at, isTime }: Fork, head: Head): boolean =>
  (isTime ? head.time : head.block) >= at;

/** Forks in the order in which they are passed, and the checksum before the first and after each. */
function historyOf({ genesisHash, genesisTime, blocks, times }: Chain): {
  readonly forks: readonly Fork[];
  readonly sums: readonly number[];
} {
  const forks = [
    ...ascending(blocks.filter((block) => block > 0)).map((at) => ({ at, isTime: false })),
    ...ascending(times.filter((time) => time > genesisTime)).map((at) => ({ at, isTime: true })),
  ];
  const sums = [crc32(hexToBytes(genesisHash))];
  for (const { at } of forks) sums.push(crc32(uint64(at), sums.at(-1)!));
  return { forks, sums };
}

/** In ascending order, each once: forks at the same moment count as one. */
const ascending = (moments: readonly number[]): number[] =>
  [...new Set(moments)].sort((a, b) => a - b);

/** A fork id as RLP. */
export const forkIdValue = ({ hash, next }: ForkId): RlpInput => [
  hexToBytes(hash),
  uintBytes(next),
];

/**
 * Further items are ignored.
 *
 * @throws {WireError} `malformedRlp`
 */
export function readForkId(value: RlpValue | undefined): ForkId {
  const [hash, next] = asList(value, 2);
  return { hash: hexOf(asBytes(hash, HASH_BYTES)), next: asBigUint64(next) };
}

/** The entry `eth` for a node record. */
export const ethEntry = (forkId: ForkId): RlpInput => [forkIdValue(forkId)];

/** The fork id that a node record announces; `absent` without an entry `eth`, `malformed` when it cannot be read. */
export function forkIdIn(entries: RecordEntries): ForkId | 'absent' | 'malformed' {
  const entry = entries.get('eth');
  if (!entry) return 'absent';
  try {
    return readForkId(asList(decodeRlp(entry), 1)[0]);
  } catch (error) {
    if (error instanceof WireError) return 'malformed';
    throw error;
  }
}

/** CRC-32 of IEEE 802.3, continued from the sum of what came before. Node has one from version 22 on. */
function crc32(bytes: Uint8Array, before = 0): number {
  let sum = ~before;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb8_8320 : 0);
  }
  return ~sum >>> 0;
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

const hexDigits = (sum: number): string => sum.toString(16).padStart(HASH_BYTES * 2, '0');
