/**
 * The Disconnect message: a reason as a word in this code and as a number on the wire.
 * Source: devp2p/rlpx.md, "Disconnect (0x01)"; go-ethereum p2p/transport.go, `decodeDisconnectMessage`.
 */
import { MAX_BASE_MESSAGE_BYTES } from './base-message.ts';
import { WireError } from './error.ts';
import { encodeRlp } from './rlp.ts';
import { decompress } from './snappy.ts';

/** `readTimeout` is the spec's "Ping timeout". */
export const DISCONNECT_CODES = {
  requested: 0x00,
  networkError: 0x01,
  breachOfProtocol: 0x02,
  uselessPeer: 0x03,
  tooManyPeers: 0x04,
  alreadyConnected: 0x05,
  incompatibleVersion: 0x06,
  invalidIdentity: 0x07,
  clientQuitting: 0x08,
  unexpectedIdentity: 0x09,
  self: 0x0a,
  readTimeout: 0x0b,
  subprotocolError: 0x10,
} as const;

export type DisconnectReason = keyof typeof DISCONNECT_CODES;

/** Bytes of a Disconnect that are looked at (P5; go-ethereum reads no further either). */
const MAX_DISCONNECT_BYTES = 100;

/** Longest code, in bytes: larger ones count as unreadable, so that logs and metrics stay short. Ours. */
const MAX_CODE_BYTES = 4;

/** First bytes: from STRING on a string, from LIST on a list; beyond MAX_SHORT_BYTES the length has bytes of its own. */
const STRING = 0x80;
const LIST = 0xc0;
const MAX_SHORT_BYTES = 55;

const REASONS: ReadonlyMap<number, DisconnectReason> = new Map(
  Object.entries(DISCONNECT_CODES).map(([reason, code]) => [code, reason as DisconnectReason]),
);

export function encodeDisconnect(reason: DisconnectReason): Uint8Array {
  return encodeRlp([DISCONNECT_CODES[reason]]);
}

/**
 * Reads what can be read: compressed or not, in a list or bare, with any form of length, whatever follows. Clients
 * have sent all of these. Never throws: a malformed Disconnect still ends the connection. `code` is null when no number
 * can be read, which is not the same as 0: go-ethereum calls it invalid, reth refuses it, Besu calls it unknown.
 */
export function decodeDisconnect(payload: Uint8Array): {
  reason: DisconnectReason | 'unrecognised';
  code: number | null;
} {
  const code = readCode(uncompressed(payload).subarray(0, MAX_DISCONNECT_BYTES));
  const reason = code === null ? undefined : REASONS.get(code);
  return { reason: reason ?? 'unrecognised', code };
}

/**
 * Compressed first: no usual plain form is also a whole Snappy block, but for 0x00, which is the empty block. Whether
 * the session compresses does not decide: @ethereumjs/devp2p never does, others do before Hello.
 */
function uncompressed(payload: Uint8Array): Uint8Array {
  try {
    const plain = decompress(payload, MAX_BASE_MESSAGE_BYTES);
    return plain.length > 0 ? plain : payload;
  } catch (error) {
    if (error instanceof WireError) return payload;
    throw error;
  }
}

/** The first item of a list, or a bare integer, as go-ethereum 1.10.17 to 1.14 sent it. */
function readCode(bytes: Uint8Array): number | null {
  const isList = bytes.length > 0 && bytes[0]! >= LIST;
  return readUint(isList ? payloadOf(bytes, LIST).payload : bytes);
}

/** reth reads a single 00 as 0, though RLP would have 80; with more behind it, it is not a number there either. */
function readUint(bytes: Uint8Array): number | null {
  const first = bytes[0];
  if (first === undefined || first >= LIST || (first === 0 && bytes.length > 1)) return null;
  if (first < STRING) return first;
  const { payload, size } = payloadOf(bytes, STRING);
  return size <= MAX_CODE_BYTES && payload.length === size ? bigEndian(payload) : null;
}

/** The bytes of an item behind its length: `size` of them, or as many as are there. */
function payloadOf(bytes: Uint8Array, kind: typeof STRING | typeof LIST) {
  const short = bytes[0]! - kind;
  const start = 1 + Math.max(0, short - MAX_SHORT_BYTES);
  const size = start === 1 ? short : bigEndian(bytes.subarray(1, start));
  return { payload: bytes.subarray(start, start + size), size };
}

function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((uint, byte) => uint * 256 + byte, 0);
}
