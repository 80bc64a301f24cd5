/**
 * RLP of control messages: strict and bounded, with the tolerance of EIP-8 only where a caller asks for it.
 * Lists are walked here, without recursion; `rlp` encodes, and decodes single strings.
 * Source: Ethereum Yellow Paper, appendix B.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { decode, encode, type Input } from 'rlp';

import { WireError } from './error.ts';

/** Deepest nesting of lists, the outermost one included (F8). Ours, after ethereumj; Hello needs 3. */
export const MAX_RLP_DEPTH = 16;

/** Most strings and lists in one message, the outermost one included (F10). Ours. */
export const MAX_RLP_ITEMS = 65_536;

/** First bytes below STRING are single-byte values, from STRING on strings, from LIST on lists. */
const STRING = 0x80;
const LIST = 0xc0;
/** Longest payload whose length fits in the first byte. */
const MAX_SHORT_BYTES = 55;
/** Enough for `Number.MAX_SAFE_INTEGER`. */
const MAX_UINT_BYTES = 7;
const UINT64_BYTES = 8;

/** Decoded RLP. Strings own their memory and never share it with the input. */
export type RlpValue = Uint8Array | readonly RlpValue[];

/**
 * Values that can be encoded; numbers are safe integers from 0 on. Text is excluded on purpose: `rlp` reads a text that
 * starts with `0x` as hex.
 */
export type RlpInput = Uint8Array | number | readonly RlpInput[];

export function encodeRlp(value: RlpInput): Uint8Array {
  return encode(value as Input);
}

/**
 * Decodes bytes that are exactly one item.
 *
 * @throws {WireError} `malformedRlp`
 */
export function decodeRlp(bytes: Uint8Array): RlpValue {
  const { value, rest } = decodeRlpPrefix(bytes);
  if (rest.length > 0) throw malformed(`${rest.length} bytes after the item`);
  return value;
}

/**
 * Decodes one item; `rest` is a view of the bytes after it, which EIP-8 uses as padding.
 *
 * @throws {WireError} `malformedRlp`
 */
export function decodeRlpPrefix(bytes: Uint8Array): { value: RlpValue; rest: Uint8Array } {
  // a plain array: Node's Buffer has a `slice` that does not copy, and `rlp` relies on the copy
  const input = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const outermost: RlpValue[] = [];
  const open: { readonly items: RlpValue[]; readonly end: number }[] = [];
  let cursor = 0;
  let count = 0;
  do {
    count += 1; // each turn is one item and at least one byte, so the loop ends (F13)
    if (count > MAX_RLP_ITEMS) throw malformed(`more than ${MAX_RLP_ITEMS} items`);
    const { items, end } = open.at(-1) ?? { items: outermost, end: input.length };
    const item = readItem(input, cursor, end);
    if (item.isList) {
      if (open.length === MAX_RLP_DEPTH) throw malformed(`more than ${MAX_RLP_DEPTH} lists deep`);
      const list: RlpValue[] = [];
      items.push(list);
      open.push({ items: list, end: item.end });
      cursor = item.start;
    } else {
      // string by string: given a list, `rlp` would copy the rest of it after every item
      items.push(decode(input.subarray(cursor, item.end)) as Uint8Array);
      cursor = item.end;
    }
    while (open.at(-1)?.end === cursor) open.pop();
  } while (open.length > 0);
  return { value: outermost[0]!, rest: input.subarray(cursor) };
}

/**
 * Decodes the first `count` items of a list, and as many as are there of `optional` more. Further items and bytes after
 * the list are not looked at.
 *
 * @throws {WireError} `malformedRlp`
 */
export function decodeFirstItems(
  bytes: Uint8Array,
  count: number,
  optional = 0,
): readonly RlpValue[] {
  const { isList, start, end } = readItem(bytes, 0, bytes.length);
  if (!isList) throw malformed('expected a list');
  const items: RlpValue[] = [];
  let left = bytes.subarray(start, end);
  const isWanted = (): boolean =>
    items.length < count || (items.length < count + optional && left.length > 0);
  while (isWanted()) {
    const { value, rest } = decodeRlpPrefix(left);
    items.push(value);
    left = rest;
  }
  return items;
}

/**
 * The items of bytes that are exactly one list, each still encoded: for what is signed as it is written.
 *
 * @throws {WireError} `malformedRlp`, also for what is inside of an item.
 */
export function splitRlpList(bytes: Uint8Array): readonly Uint8Array[] {
  const { isList, start, end } = readItem(bytes, 0, bytes.length);
  if (!isList) throw malformed('expected a list');
  if (end < bytes.length) throw malformed(`${bytes.length - end} bytes after the item`);
  const items: Uint8Array[] = [];
  let left = bytes.subarray(start, end);
  while (left.length > 0) {
    const { rest } = decodeRlpPrefix(left);
    items.push(new Uint8Array(left.subarray(0, left.length - rest.length)));
    left = rest;
  }
  return items;
}

/**
 * The items of bytes that are exactly one list, each still encoded, as views of `bytes`. Nothing inside of the items is
 * read: for payloads that are passed on.
 *
 * @throws {WireError} `malformedRlp`, also for more than `maxItems`.
 */
export function viewRlpItems(bytes: Uint8Array, maxItems: number): readonly Uint8Array[] {
  const { isList, start, end } = readItem(bytes, 0, bytes.length);
  if (!isList) throw malformed('expected a list');
  if (end < bytes.length) throw malformed(`${bytes.length - end} bytes after the item`);
  const items: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    if (items.length === maxItems) throw malformed(`more than ${maxItems} items`);
    const item = readItem(bytes, at, end);
    items.push(bytes.subarray(at, item.end));
    at = item.end;
  }
  return items;
}

/** Whether the item at the start of `bytes` is a list. */
export const isRlpList = (bytes: Uint8Array): boolean => (bytes[0] ?? 0) >= LIST;

/**
 * The bytes of a string that is still encoded, as a view.
 *
 * @throws {WireError} `malformedRlp`
 */
export function viewRlpString(bytes: Uint8Array): Uint8Array {
  const { isList, start, end } = readItem(bytes, 0, bytes.length);
  if (isList) throw malformed('expected a string');
  if (end < bytes.length) throw malformed(`${bytes.length - end} bytes after the item`);
  return bytes.subarray(start, end);
}

/** The list of items that are encoded already. */
export function joinRlpList(items: readonly Uint8Array[]): Uint8Array {
  const payload = concatBytes(...items);
  const { length } = payload;
  const size = length <= MAX_SHORT_BYTES ? [LIST + length] : longSize(length);
  return concatBytes(Uint8Array.from(size), payload);
}

/**
 * Checks for a list of at least `minItems`; the caller ignores further items.
 *
 * @throws {WireError} `malformedRlp`
 */
export function asList(value: RlpValue | undefined, minItems = 0): readonly RlpValue[] {
  if (value === undefined || value instanceof Uint8Array) throw malformed('expected a list');
  if (value.length < minItems) throw malformed(`list of ${value.length} items, not ${minItems}`);
  return value;
}

/**
 * Checks for a string of any length, or of exactly `exactLength` bytes.
 *
 * @throws {WireError} `malformedRlp`
 */
export function asBytes(value: RlpValue | undefined, exactLength?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed('expected a string');
  if (exactLength !== undefined && value.length !== exactLength)
    throw malformed(`string of ${value.length} bytes, not ${exactLength}`);
  return value;
}

/**
 * Reads a canonical integer from 0 to `max`, which is a safe integer.
 *
 * @throws {WireError} `malformedRlp`
 */
export function asUint(value: RlpValue | undefined, max: number): number {
  const bytes = asInteger(value);
  const uint = bytes.length > MAX_UINT_BYTES ? Number.POSITIVE_INFINITY : bigEndian(bytes);
  if (uint > max) throw malformed(`integer above ${max}`);
  return uint;
}

/**
 * A canonical integer of at most 64 bits; `Number.MAX_SAFE_INTEGER` stands for every larger one.
 *
 * @throws {WireError} `malformedRlp`
 */
export function asUint64(value: RlpValue | undefined): number {
  const bytes = asInteger(value);
  if (bytes.length > UINT64_BYTES) throw malformed('integer above 64 bits');
  return Math.min(bigEndian(bytes), Number.MAX_SAFE_INTEGER);
}

/**
 * A canonical integer of at most 64 bits.
 *
 * @throws {WireError} `malformedRlp`
 */
export function asBigUint64(value: RlpValue | undefined): bigint {
  const bytes = asInteger(value);
  if (bytes.length > UINT64_BYTES) throw malformed('integer above 64 bits');
  return bytes.reduce((uint, byte) => uint * 256n + BigInt(byte), 0n);
}

/** The shortest big-endian form of an integer from 0 on: RLP of it is RLP of the integer. */
export function uintBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; left > 0n; left >>= 8n) bytes.unshift(Number(left & 255n));
  return Uint8Array.from(bytes);
}

function asInteger(value: RlpValue | undefined): Uint8Array {
  const bytes = asBytes(value);
  if (bytes[0] === 0) throw malformed('integer with a leading zero');
  return bytes;
}

type Item = { readonly isList: boolean; readonly start: number; readonly end: number };

/** Start and end of the payload of the item at `at`, inside a parent that ends at `limit`. */
function readItem(input: Uint8Array, at: number, limit: number): Item {
  if (at >= limit) throw malformed('an item is missing');
  const first = input[at]!;
  if (first < STRING) return { isList: false, start: at, end: at + 1 };
  const isList = first >= LIST;
  const size = first - (isList ? LIST : STRING);
  const lengthBytes = Math.max(0, size - MAX_SHORT_BYTES);
  const start = at + 1 + lengthBytes;
  if (start > limit) throw malformed('a length field beyond the end');
  const length = lengthBytes === 0 ? size : readLength(input.subarray(at + 1, start));
  if (length > limit - start) throw malformed(`${length} bytes where ${limit - start} are left`);
  if (!isList && length === 1 && input[start]! < STRING)
    throw malformed('a length before a byte that needs none');
  return { isList, start, end: start + length };
}

/** The first bytes of a list whose length has bytes of its own. */
function longSize(length: number): readonly number[] {
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [LIST + MAX_SHORT_BYTES + bytes.length, ...bytes];
}

function readLength(bytes: Uint8Array): number {
  if (bytes[0] === 0) throw malformed('length with a leading zero');
  const length = bigEndian(bytes); // inexact from 2⁵³ on, but then beyond any input (F9)
  if (length <= MAX_SHORT_BYTES) throw malformed('long form of a short length');
  return length;
}

function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((uint, byte) => uint * 256 + byte, 0);
}

function malformed(detail: string): WireError {
  return new WireError('malformedRlp', detail);
}
