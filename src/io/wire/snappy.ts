/**
 * Compression of payloads after Hello: raw Snappy blocks, bounded before anything is allocated.
 * When it applies is left to the link. Source: EIP-706; google/snappy, format_description.txt.
 */
import { compressSync, uncompressSync } from 'snappy';

import { WireError } from './error.ts';

/** Largest payload before compression, in bytes: just under 16 MiB (EIP-706). */
const MAX_PAYLOAD_BYTES = 0xffffff;

/** The length in front is a little-endian varint: seven bits a byte, at most this many of them. */
const MAX_VARINT_BYTES = 5;
const CONTINUES = 0x80;

/** Snappy itself gains little more than 21 to 1; a claim beyond this is a bomb (F4). Ours. */
const MAX_EXPANSION = 32;
const EXPANSION_SLACK_BYTES = 64;

/** Longest block that `bytes` of payload can become. Source: google/snappy, MaxCompressedLength. */
export const maxCompressedBytes = (bytes: number): number => 32 + bytes + Math.floor(bytes / 6);

/** Longest payload that a block of `bytes` may claim to be. */
export const maxExpandedBytes = (bytes: number): number =>
  MAX_EXPANSION * bytes + EXPANSION_SLACK_BYTES;

/**
 * The result is owned by the caller. Other encoders may come to other bytes.
 *
 * @throws {RangeError} The payload is 16 MiB or more.
 */
export function compress(payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES)
    throw new RangeError(
      `"payload" expected ${MAX_PAYLOAD_BYTES} bytes at most, got ${payload.length}`,
    );
  return plain(compressSync(payload, { copyOutputData: true }));
}

/**
 * The result is owned by the caller and at most `maxBytes` long.
 *
 * @throws {WireError} `messageTooBig` by its own account, before any allocation, or `malformedSnappy`.
 */
export function decompress(payload: Uint8Array, maxBytes: number): Uint8Array {
  const declared = readDeclaredLength(payload);
  const limit = Math.min(maxBytes, MAX_PAYLOAD_BYTES);
  if (declared > limit) throw new WireError('messageTooBig', `${declared} > ${limit} bytes`);
  if (declared > maxExpandedBytes(payload.length))
    throw malformed(`${declared} bytes out of ${payload.length}`);
  const decompressed = uncompress(payload);
  if (decompressed.length !== declared)
    throw malformed(`${decompressed.length} bytes, declared ${declared}`);
  return decompressed;
}

function readDeclaredLength(payload: Uint8Array): number {
  let length = 0;
  for (const [index, byte] of payload.subarray(0, MAX_VARINT_BYTES).entries()) {
    length += (byte % CONTINUES) * 2 ** (7 * index);
    if (byte < CONTINUES) return length;
  }
  throw malformed('no length in front');
}

function uncompress(payload: Uint8Array): Uint8Array {
  try {
    return plain(uncompressSync(payload, { copyOutputData: true, asBuffer: true }) as Uint8Array);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'refused by the decoder');
  }
}

/** The same memory as a plain array, so that `slice` copies. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function malformed(detail: string): WireError {
  return new WireError('malformedSnappy', detail);
}
