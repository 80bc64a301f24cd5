/**
 * Messages of eth/68 to eth/72 as values. Blocks, headers, receipts and transactions stay encoded: nothing about them is
 * checked here, and they are views of the payload.
 * Source: devp2p/caps/eth.md, "Protocol Messages"; go-ethereum eth/protocols/eth/protocol.go.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexToBytes } from '@noble/hashes/utils.js';

import { WireError } from './error.ts';
import {
  type BlockRange,
  blockRangeItems,
  decodeStatus,
  type EthStatus,
  encodeStatus,
  exactly,
  readBlockRange,
  readDifficulty,
  readHash,
} from './eth-status.ts';
import { hexOf } from './hex.ts';
import {
  asBigUint64,
  asBytes,
  asList,
  decodeRlp,
  encodeRlp,
  joinRlpList,
  type RlpInput,
  type RlpValue,
  uintBytes,
  viewRlpItems,
  viewRlpString,
} from './rlp.ts';

export const ETH_VERSIONS = [68, 69, 70, 71, 72] as const;
export type EthVersion = (typeof ETH_VERSIONS)[number];

/** Message codes of each version. Source: go-ethereum, `protocolLengths`; of 1.15 for 68. */
export const ETH_LENGTHS = {
  68: 17,
  69: 18,
  70: 18,
  71: 20,
  72: 22,
} as const satisfies Record<EthVersion, number>;

/** Most transactions in one message. Source: go-ethereum, `maxTransactionAnnouncements`. */
export const MAX_TRANSACTIONS = 5_000;

/** Most hashes, or answered items, in one message. Ours: the recommended limits are 4,096 and less. */
export const MAX_ETH_ITEMS = 65_536;

/** Bytes of the bitmap of cells. */
const CELLS_BYTES = 16;
const HASH_BYTES = 32;

/** Chosen by the requester, of 64 bits, and repeated in the answer. */
type WithRequestId = { readonly requestId: bigint };

/** 64 hex digits each. */
type WithHashes = { readonly hashes: readonly string[] };

/** Each still encoded. */
type WithItems = { readonly items: readonly Uint8Array[] };

/** Bitmap of cell indices, 32 hex digits. */
type WithCells = { readonly cells: string };

/** What is announced of one transaction. */
export type Announcement = {
  /** 64 hex digits. */
  readonly hash: string;
  /** Of EIP-2718; 0 for legacy transactions. */
  readonly type: number;
  /** Bytes of its consensus encoding. */
  readonly size: number;
};

export type EthMessage =
  | { readonly type: 'status'; readonly status: EthStatus }
  | {
      readonly type: 'newBlockHashes';
      readonly blocks: readonly { readonly hash: string; readonly number: bigint }[];
    }
  | ({ readonly type: 'transactions' } & WithItems)
  | ({
      readonly type: 'getBlockHeaders';
      /** Number, or 64 hex digits. */
      readonly start: bigint | string;
      readonly limit: bigint;
      readonly skip: bigint;
      readonly reverse: boolean;
    } & WithRequestId)
  | ({ readonly type: 'blockHeaders' } & WithRequestId & WithItems)
  | ({ readonly type: 'getBlockBodies' } & WithRequestId & WithHashes)
  | ({ readonly type: 'blockBodies' } & WithRequestId & WithItems)
  | {
      readonly type: 'newBlock';
      /** Of its header, 64 hex digits. */
      readonly hash: string;
      readonly number: bigint;
      /** Still encoded. */
      readonly block: Uint8Array;
      readonly totalDifficulty: bigint;
    }
  | ({
      readonly type: 'newPooledTransactionHashes';
      readonly announcements: readonly Announcement[];
      /** Since eth/72; absent before. */
      readonly cells?: string;
    } & object)
  | ({ readonly type: 'getPooledTransactions' } & WithRequestId & WithHashes)
  | ({ readonly type: 'pooledTransactions' } & WithRequestId & WithItems)
  | ({
      readonly type: 'getReceipts';
      /** Since eth/70; absent before. */
      readonly firstReceipt?: bigint;
    } & WithRequestId &
      WithHashes)
  | ({
      readonly type: 'receipts';
      /** Since eth/70; absent before. */
      readonly isLastIncomplete?: boolean;
    } & WithRequestId &
      WithItems)
  | ({ readonly type: 'blockRangeUpdate' } & BlockRange)
  | ({ readonly type: 'getBlockAccessLists' } & WithRequestId & WithHashes)
  | ({ readonly type: 'blockAccessLists' } & WithRequestId & WithItems)
  | ({ readonly type: 'getCells' } & WithRequestId & WithHashes & WithCells)
  | ({ readonly type: 'cells' } & WithRequestId & WithHashes & WithItems & WithCells);

export type EthMessageType = EthMessage['type'];

export const ETH_CODES = {
  status: 0x00,
  newBlockHashes: 0x01,
  transactions: 0x02,
  getBlockHeaders: 0x03,
  blockHeaders: 0x04,
  getBlockBodies: 0x05,
  blockBodies: 0x06,
  newBlock: 0x07,
  newPooledTransactionHashes: 0x08,
  getPooledTransactions: 0x09,
  pooledTransactions: 0x0a,
  getReceipts: 0x0f,
  receipts: 0x10,
  blockRangeUpdate: 0x11,
  getBlockAccessLists: 0x12,
  blockAccessLists: 0x13,
  getCells: 0x14,
  cells: 0x15,
} as const satisfies Record<EthMessageType, number>;

const TYPES = new Map(
  Object.entries(ETH_CODES).map(([type, code]) => [code as number, type as EthMessageType]),
);

/** What a code means; null when this version has no such message. */
export const ethTypeOf = (version: EthVersion, code: number): EthMessageType | null =>
  code < ETH_LENGTHS[version] ? (TYPES.get(code) ?? null) : null;

/** The payload; `ETH_CODES` has the code. */
export function encodeEth(version: EthVersion, message: EthMessage): Uint8Array {
  switch (message.type) {
    case 'status':
      return encodeStatus(message.status);
    case 'newBlockHashes':
      return encodeRlp(
        message.blocks.map(({ hash, number }) => [hexToBytes(hash), uintBytes(number)]),
      );
    case 'transactions':
      return joinRlpList(message.items);
    case 'getBlockHeaders': {
      const { start, limit, skip, reverse } = message;
      const origin = typeof start === 'string' ? hexToBytes(start) : uintBytes(start);
      const query = [origin, uintBytes(limit), uintBytes(skip), reverse ? 1 : 0];
      return encodeRlp([uintBytes(message.requestId), query]);
    }
    case 'newBlock':
      return joinRlpList([message.block, encodeRlp(uintBytes(message.totalDifficulty))]);
    case 'newPooledTransactionHashes': {
      const { announcements, cells } = message;
      return encodeRlp([
        Uint8Array.from(announcements, ({ type }) => type),
        announcements.map(({ size }) => size),
        hashesOf(announcements.map(({ hash }) => hash)),
        ...(version >= 72 ? [hexToBytes(cells ?? '00'.repeat(CELLS_BYTES))] : []),
      ]);
    }
    case 'getBlockBodies':
    case 'getPooledTransactions':
    case 'getBlockAccessLists':
      return encodeRlp([uintBytes(message.requestId), hashesOf(message.hashes)]);
    case 'getReceipts':
      return encodeRlp([
        uintBytes(message.requestId),
        ...(version >= 70 ? [uintBytes(message.firstReceipt ?? 0n)] : []),
        hashesOf(message.hashes),
      ]);
    case 'receipts':
      return joinRlpList([
        encodeRlp(uintBytes(message.requestId)),
        ...(version >= 70 ? [encodeRlp(message.isLastIncomplete ? 1 : 0)] : []),
        joinRlpList(message.items),
      ]);
    case 'blockHeaders':
    case 'blockBodies':
    case 'pooledTransactions':
    case 'blockAccessLists':
      return joinRlpList([encodeRlp(uintBytes(message.requestId)), joinRlpList(message.items)]);
    case 'blockRangeUpdate':
      return encodeRlp(blockRangeItems(message));
    case 'getCells':
      return encodeRlp([
        uintBytes(message.requestId),
        hashesOf(message.hashes),
        hexToBytes(message.cells),
      ]);
    case 'cells':
      return joinRlpList([
        encodeRlp(uintBytes(message.requestId)),
        encodeRlp(hashesOf(message.hashes)),
        joinRlpList(message.items),
        encodeRlp(hexToBytes(message.cells)),
      ]);
  }
}

/**
 * Reads a message; as go-ethereum, each list has exactly its items. At most 65,536 hashes or items, and 5,000 transactions.
 *
 * @throws {WireError} `malformedRlp`
 */
export function decodeEth(
  version: EthVersion,
  type: EthMessageType,
  payload: Uint8Array,
): EthMessage {
  switch (type) {
    case 'status':
      return { type, status: decodeStatus(version, payload) };
    case 'newBlockHashes':
      return { type, blocks: readBlocks(payload) };
    case 'transactions':
      return { type, items: viewRlpItems(payload, MAX_TRANSACTIONS) };
    case 'getBlockHeaders': {
      const [requestId, query] = exactly(decodeRlp(payload), 2);
      const [start, limit, skip, reverse] = exactly(query!, 4);
      return {
        ...{ type, requestId: asBigUint64(requestId), start: readOrigin(start) },
        ...{ limit: asBigUint64(limit), skip: asBigUint64(skip), reverse: readBoolean(reverse) },
      };
    }
    case 'newBlock':
      return { type, ...readNewBlock(payload) };
    case 'newPooledTransactionHashes':
      return { type, ...readAnnouncements(payload, version >= 72) };
    case 'getBlockBodies':
    case 'getPooledTransactions':
    case 'getBlockAccessLists': {
      const [requestId, hashes] = parts(payload, 2);
      return { type, requestId: readId(requestId), hashes: readHashes(hashes) };
    }
    case 'getReceipts': {
      const all = parts(payload, version >= 70 ? 3 : 2);
      const base = { type, requestId: readId(all[0]), hashes: readHashes(all.at(-1)) };
      return version >= 70 ? { ...base, firstReceipt: readId(all[1]) } : base;
    }
    case 'receipts': {
      const all = parts(payload, version >= 70 ? 3 : 2);
      const base = { type, requestId: readId(all[0]), items: readItems(all.at(-1)) };
      if (version < 70) return base;
      return { ...base, isLastIncomplete: readBoolean(decodeRlp(all[1]!)) };
    }
    case 'blockHeaders':
    case 'blockBodies':
    case 'pooledTransactions':
    case 'blockAccessLists': {
      const [requestId, items] = parts(payload, 2);
      return { type, requestId: readId(requestId), items: readItems(items) };
    }
    case 'blockRangeUpdate':
      return { type, ...readBlockRange(asList(decodeRlp(payload))) };
    case 'getCells': {
      const [requestId, hashes, cells] = parts(payload, 3);
      return {
        ...{ type, requestId: readId(requestId) },
        ...{ hashes: readHashes(hashes), cells: readCells(cells) },
      };
    }
    case 'cells': {
      const [requestId, hashes, items, cells] = parts(payload, 4);
      return {
        ...{ type, requestId: readId(requestId), hashes: readHashes(hashes) },
        ...{ items: readItems(items), cells: readCells(cells) },
      };
    }
  }
}

/** Exactly `count` items, still encoded. */
function parts(payload: Uint8Array, count: number): readonly Uint8Array[] {
  const items = viewRlpItems(payload, count);
  if (items.length < count)
    throw new WireError('malformedRlp', `list of ${items.length} items, not ${count}`);
  return items;
}

const readId = (item: Uint8Array | undefined): bigint => asBigUint64(viewRlpString(item!));

const readItems = (item: Uint8Array | undefined): readonly Uint8Array[] =>
  viewRlpItems(item!, MAX_ETH_ITEMS);

const readHashes = (item: Uint8Array | undefined): readonly string[] =>
  readItems(item).map((hash) => hexOf(asBytes(viewRlpString(hash), HASH_BYTES)));

const readCells = (item: Uint8Array | undefined): string =>
  hexOf(asBytes(viewRlpString(item!), CELLS_BYTES));

const hashesOf = (hashes: readonly string[]): RlpInput => hashes.map(hexToBytes);

function readBlocks(payload: Uint8Array) {
  return viewRlpItems(payload, MAX_ETH_ITEMS).map((item) => {
    const [hash, number] = parts(item, 2);
    return {
      hash: hexOf(asBytes(viewRlpString(hash!), HASH_BYTES)),
      number: readId(number),
    };
  });
}

/** A block is `[header, transactions, ommers]`, with withdrawals since Shanghai. */
function readNewBlock(payload: Uint8Array) {
  const [block, totalDifficulty] = parts(payload, 2);
  const [header, ...others] = viewRlpItems(block!, 4);
  if (header === undefined || others.length < 2)
    throw new WireError('malformedRlp', 'a block of fewer than 3 items');
  const number = viewRlpItems(header, MAX_HEADER_ITEMS)[NUMBER_AT];
  if (number === undefined) throw new WireError('malformedRlp', 'a header without a number');
  return {
    ...{ block: block!, hash: hexOf(keccak_256(header)), number: readId(number) },
    totalDifficulty: readDifficulty(decodeRlp(totalDifficulty!)),
  };
}

/** Most items of a header. Ours: those of Amsterdam have 22. */
const MAX_HEADER_ITEMS = 64;

/** Place of the number among the items of a header. Source: devp2p/caps/eth.md, "Block Encoding and Validity". */
const NUMBER_AT = 8;

function readAnnouncements(payload: Uint8Array, hasCells: boolean) {
  const [types, sizes, hashes, cells] = parts(payload, hasCells ? 4 : 3);
  const kinds = viewRlpString(types!);
  const lengths = readItems(sizes);
  const named = readItems(hashes);
  if (kinds.length !== named.length || lengths.length !== named.length)
    throw new WireError(
      'malformedRlp',
      `${kinds.length} types, ${lengths.length} sizes and ${named.length} hashes`,
    );
  const announcements = named.map((hash, index) => ({
    hash: hexOf(asBytes(viewRlpString(hash), HASH_BYTES)),
    type: kinds[index]!,
    size: readSize(lengths[index]!),
  }));
  return hasCells ? { announcements, cells: readCells(cells) } : { announcements };
}

/** Of 32 bits, as in go-ethereum. */
function readSize(item: Uint8Array): number {
  const size = asBigUint64(viewRlpString(item));
  if (size > 0xffff_ffffn) throw new WireError('malformedRlp', `a transaction of ${size} bytes`);
  return Number(size);
}

function readOrigin(value: RlpValue | undefined): bigint | string {
  return asBytes(value).length === HASH_BYTES ? readHash(value) : asBigUint64(value);
}

function readBoolean(value: RlpValue | undefined): boolean {
  const number = asBigUint64(value);
  if (number > 1n) throw new WireError('malformedRlp', `a boolean of ${number}`);
  return number === 1n;
}
