/**
 * Compression of payloads after Hello: raw Snappy blocks, bounded before any allocation.
 * When it applies is decided by the link. Source: EIP-706; google/snappy, format_description.txt.
 */
import { compressSync, uncompressSync } from 'snappy';

import { WireError } from './error.ts';

/** Largest payload before compression, in bytes: just under 16 MiB (EIP-706). */
const MAX_PAYLOAD_BYTES = 0xffffff;

/** A block starts with its length as a little-endian varint: seven bits a byte, at most this many bytes. */
const MAX_VARINT_BYTES = 5;
const CONTINUES = 0x80;

/** Snappy compresses little better than 21 to 1; a higher declared ratio is a decompression bomb (F4). Ours. */
const MAX_EXPANSION = 32;
const EXPANSION_SLACK_BYTES = 64;

/**
 * Longest literal whose length is in its tag, in bytes. A call of the library costs more than what it saves on so few:
 * the encoders of Google and of Go leave blocks below 17 bytes uncompressed as well. Ours.
 */
const MAX_SHORT_LITERAL_BYTES = 60;
/** Of a block that is one such literal: its length, and the tag `length − 1` with 00 in the lowest bits. */
const SHORT_BLOCK_OVERHEAD = 2;
const shortTag = (bytes: number): number => (bytes - 1) << 2;

/** Longest block that a payload of `bytes` compresses to. Source: google/snappy, MaxCompressedLength. */
export const maxCompressedBytes = (bytes: number): number => 32 + bytes + Math.floor(bytes / 6);

/** Longest payload that a block of `bytes` may declare. */
export const maxExpandedBytes = (bytes: number): number =>
  MAX_EXPANSION * bytes + EXPANSION_SLACK_BYTES;

/**
 * The caller owns the result. Other encoders may produce other bytes.
 *
 * @throws {RangeError} The payload is 16 MiB or more.
 */
export function compress(payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES)
    throw new RangeError(
      `"payload" expected ${MAX_PAYLOAD_BYTES} bytes at most, got ${payload.length}`,
    );
  if (payload.length > 0 && payload.length <= MAX_SHORT_LITERAL_BYTES) return shortBlock(payload);
  return plain(compressSync(payload, { copyOutputData: true }));
}

/**
 * The caller owns the result, which has at most `maxBytes`.
 *
 * @throws {WireError} `messageTooBig` by its declared length, before any allocation, or `malformedSnappy`.
 */
export function decompress(payload: Uint8Array, maxBytes: number): Uint8Array {
  const declared = readDeclaredLength(payload);
  const limit = Math.min(maxBytes, MAX_PAYLOAD_BYTES);
  if (declared > limit) throw new WireError('messageTooBig', `${declared} > ${limit} bytes`);
  if (declared > maxExpandedBytes(payload.length))
    throw malformed(`${declared} bytes declared for ${payload.length} compressed`);
  if (isShortBlock(payload, declared))
    return new Uint8Array(payload.subarray(SHORT_BLOCK_OVERHEAD));
  const decompressed = uncompress(payload);
  if (decompressed.length !== declared)
    throw malformed(`${decompressed.length} bytes, declared ${declared}`);
  return decompressed;
}

function shortBlock(payload: Uint8Array): Uint8Array {
  const block = new Uint8Array(SHORT_BLOCK_OVERHEAD + payload.length);
  block[0] = payload.length;
  block[1] = shortTag(payload.length);
  block.set(payload, SHORT_BLOCK_OVERHEAD);
  return block;
}

const isShortBlock = (payload: Uint8Array, declared: number): boolean =>
  declared > 0 &&
  declared <= MAX_SHORT_LITERAL_BYTES &&
  payload.length === SHORT_BLOCK_OVERHEAD + declared &&
  payload[1] === shortTag(declared);

function readDeclaredLength(payload: Uint8Array): number {
  let length = 0;
  const end = Math.min(payload.length, MAX_VARINT_BYTES);
  for (let index = 0; index < end; index++) {
    const byte = payload[index]!;
    length += (byte % CONTINUES) * 2 ** (7 * index);
    if (byte < CONTINUES) return length;
  }
  throw malformed('no length at the start');
}

function uncompress(payload: Uint8Array): Uint8Array {
  try {
    return plain(uncompressSync(payload, { copyOutputData: true, asBuffer: true }) as Uint8Array);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'the decoder failed');
  }
}

/** The same memory as a plain array, so that `slice` copies. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function malformed(detail: string): WireError {
  return new WireError('malformedSnappy', detail);
}
