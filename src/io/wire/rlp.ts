/**
 * RLP of control messages: strict, bounded, and tolerant of nothing but what a caller asks for (EIP-8).
 * Lists are walked here, without recursion; `rlp` encodes, and decodes the strings this walk has passed.
 * Source: Ethereum Yellow Paper, appendix B.
 */
import { decode, encode, type Input } from 'rlp';

import { WireError } from './error.ts';

/** Lists inside lists, the outermost one included (F8). Ours, after ethereumj; Hello needs 3. */
export const MAX_RLP_DEPTH = 16;

/** Strings and lists of a whole message, the outermost one included (F10). Ours. */
export const MAX_RLP_ITEMS = 65_536;

/** First bytes: below a string its own value, from here on strings, then lists. */
const STRING = 0x80;
const LIST = 0xc0;
/** Longest payload whose length fits in the first byte. */
const MAX_SHORT_BYTES = 55;
/** Enough for `Number.MAX_SAFE_INTEGER`. */
const MAX_UINT_BYTES = 7;

/** What was decoded: strings own their memory and never share it with the input. */
export type RlpValue = Uint8Array | readonly RlpValue[];

/**
 * What can be encoded; numbers are safe integers from 0 on. Text is left out on purpose: `rlp` takes a text
 * that begins with `0x` for hex.
 */
export type RlpInput = Uint8Array | number | readonly RlpInput[];

export function encodeRlp(value: RlpInput): Uint8Array {
  return encode(value as Input);
}

/**
 * Reads bytes that are one item and nothing else.
 *
 * @throws {WireError} `malformedRlp`
 */
export function decodeRlp(bytes: Uint8Array): RlpValue {
  const { value, rest } = decodeRlpPrefix(bytes);
  if (rest.length > 0) throw malformed(`${rest.length} bytes behind the item`);
  return value;
}

/**
 * Reads one item; `rest` is a view of what follows it, which EIP-8 uses as padding.
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
 * A list of at least that many items; more are the caller's to ignore.
 *
 * @throws {WireError} `malformedRlp`
 */
export function asList(value: RlpValue | undefined, minItems = 0): readonly RlpValue[] {
  if (value === undefined || value instanceof Uint8Array) throw malformed('expected a list');
  if (value.length < minItems) throw malformed(`list of ${value.length} items, not ${minItems}`);
  return value;
}

/**
 * A string of any length, or of exactly that many bytes.
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
 * A canonical integer from 0 to `max`, which is a safe integer.
 *
 * @throws {WireError} `malformedRlp`
 */
export function asUint(value: RlpValue | undefined, max: number): number {
  const bytes = asBytes(value);
  if (bytes[0] === 0) throw malformed('integer with a leading zero');
  const uint = bytes.length > MAX_UINT_BYTES ? Number.POSITIVE_INFINITY : bigEndian(bytes);
  if (uint > max) throw malformed(`integer above ${max}`);
  return uint;
}

type Item = { readonly isList: boolean; readonly start: number; readonly end: number };

/** Where the payload of the item at `at` lies. It lies inside a parent that ends at `limit`. */
function readItem(input: Uint8Array, at: number, limit: number): Item {
  if (at >= limit) throw malformed('no item');
  const first = input[at]!;
  if (first < STRING) return { isList: false, start: at, end: at + 1 };
  const isList = first >= LIST;
  const size = first - (isList ? LIST : STRING);
  const lengthBytes = Math.max(0, size - MAX_SHORT_BYTES);
  const start = at + 1 + lengthBytes;
  if (start > limit) throw malformed('length beyond the end');
  const length = lengthBytes === 0 ? size : readLength(input.subarray(at + 1, start));
  if (length > limit - start) throw malformed(`${length} bytes where ${limit - start} are left`);
  if (!isList && length === 1 && input[start]! < STRING)
    throw malformed('length before a byte that needs none');
  return { isList, start, end: start + length };
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
