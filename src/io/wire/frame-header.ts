/**
 * The plaintext around a payload in a frame: the header before it and the message id at its front.
 * Encryption, MACs and padding are left to `io/crypto`. Source: devp2p/rlpx.md, "Framing".
 */
import { WireError } from './error.ts';

/** One cipher block. */
export const HEADER_BYTES = 16;

/** The first half of a keccak256, after the header and after the body. */
export const MAC_BYTES = 16;

/** Largest frame, in bytes, message id included and padding excluded: the size field has 24 bits. */
export const MAX_FRAME_BYTES = 0xffffff;

/** Ours (F6); the spec names no limit. */
const MAX_MESSAGE_ID = 0xffff_ffff;
const MAX_ID_BYTES = 4;

/** Offset of `header-data`, after the size. */
const HEADER_DATA = 3;
/** RLP of `[capability-id, context-id]`, both always zero. */
const ZERO_HEADER_DATA = [0xc2, 0x80, 0x80];

/** The RLP of zero; first bytes from here on encode a length. */
const EMPTY_STRING = 0x80;
/** First bytes from here on start a list. */
const LIST = 0xc0;

/**
 * Writes a header to `out`, from the offset `at` on.
 *
 * @param size Bytes of message id and payload, 1 to {@link MAX_FRAME_BYTES}.
 */
export function writeFrameHeader(size: number, out: Uint8Array, at: number): void {
  if (!Number.isInteger(size) || size < 1 || size > MAX_FRAME_BYTES)
    throw new RangeError(`"size" expected 1 to ${MAX_FRAME_BYTES}, got ${size}`);
  out[at] = size >>> 16;
  out[at + 1] = size >>> 8;
  out[at + 2] = size;
  for (let index = HEADER_DATA; index < HEADER_BYTES; index++)
    out[at + index] = ZERO_HEADER_DATA[index - HEADER_DATA] ?? 0;
}

/**
 * Reads how many bytes of message id and payload follow, 1 to {@link MAX_FRAME_BYTES}. Check the MAC first.
 * Ignores the 13 bytes after the size, as go-ethereum does (F6).
 *
 * @throws {RangeError} `header` is not 16 bytes.
 * @throws {WireError} `malformedFrame` when there is no room for a message id.
 */
export function decodeFrameHeader(header: Uint8Array): number {
  if (header.length !== HEADER_BYTES)
    throw new RangeError(`"header" expected ${HEADER_BYTES} bytes, got ${header.length}`);
  const size = (header[0]! << 16) | (header[1]! << 8) | header[2]!;
  if (size === 0) throw malformed('an empty frame');
  return size;
}

/** Written by hand instead of with `rlp`, because it runs for every message. */
export function encodeMessageId(code: number): Uint8Array {
  if (!Number.isInteger(code) || code < 0 || code > MAX_MESSAGE_ID)
    throw new RangeError(`"code" expected 0 to ${MAX_MESSAGE_ID}, got ${code}`);
  if (code < EMPTY_STRING) {
    const id = new Uint8Array(1);
    id[0] = code || EMPTY_STRING;
    return id;
  }
  const bytes = [code >>> 24, code >>> 16, code >>> 8, code].map((byte) => byte & 0xff);
  const digits = bytes.slice(bytes.findIndex((byte) => byte > 0));
  return Uint8Array.of(EMPTY_STRING + digits.length, ...digits);
}

/**
 * Reads the message id at the start of a frame's body; the payload starts at offset `idBytes`.
 *
 * @throws {WireError} `malformedFrame` unless it is a canonical RLP integer below 2³².
 */
export function decodeMessageId(body: Uint8Array): { code: number; idBytes: number } {
  const first = body[0];
  if (first === undefined) throw malformed('no message id');
  if (first >= LIST) throw malformed('a list instead of a message id');
  if (first === 0) throw malformed('message id with a leading zero');
  if (first < EMPTY_STRING) return { code: first, idBytes: 1 };
  const length = first - EMPTY_STRING;
  if (length > MAX_ID_BYTES) throw malformed(`message id of more than ${MAX_ID_BYTES} bytes`);
  const idBytes = 1 + length;
  const digits = body.subarray(1, idBytes);
  if (digits.length < length) throw malformed('truncated message id');
  if (digits[0] === 0) throw malformed('message id with a leading zero');
  if (length === 1 && digits[0]! < EMPTY_STRING)
    throw malformed('message id with a needless length');
  return { code: digits.reduce((code, digit) => code * 256 + digit, 0), idBytes };
}

function malformed(detail: string): WireError {
  return new WireError('malformedFrame', detail);
}
