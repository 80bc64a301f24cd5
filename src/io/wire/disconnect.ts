/**
 * The Disconnect message: a reason as a word in this code and as a number on the wire.
 * Source: devp2p/rlpx.md, "Disconnect (0x01)"; go-ethereum p2p/transport.go, `decodeDisconnectMessage`.
 */
import { WireError } from './error.ts';
import { asUint, decodeRlp, encodeRlp } from './rlp.ts';

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

/** A longer Disconnect has no readable code (P5; go-ethereum reads no further either). */
const MAX_DISCONNECT_BYTES = 100;

/** Larger codes count as unreadable, so that logs and metrics stay short. Ours. */
const MAX_CODE = 0xffff_ffff;

const REASONS: ReadonlyMap<number, DisconnectReason> = new Map(
  Object.entries(DISCONNECT_CODES).map(([reason, code]) => [code, reason as DisconnectReason]),
);

export function encodeDisconnect(reason: DisconnectReason): Uint8Array {
  return encodeRlp([DISCONNECT_CODES[reason]]);
}

/**
 * Never throws: a malformed Disconnect still ends the connection. `code` is null when no number can be read, which is
 * not the same as 0: go-ethereum calls it invalid, reth refuses it, Besu calls it unknown.
 */
export function decodeDisconnect(payload: Uint8Array): {
  reason: DisconnectReason | 'unrecognised';
  code: number | null;
} {
  const code = readCode(payload);
  const reason = code === null ? undefined : REASONS.get(code);
  return { reason: reason ?? 'unrecognised', code };
}

/** The first item of a list, or a bare integer, as go-ethereum 1.10.17 to 1.14 sent it. */
function readCode(payload: Uint8Array): number | null {
  if (payload.length > MAX_DISCONNECT_BYTES) return null;
  try {
    const value = decodeRlp(payload);
    const code = value instanceof Uint8Array ? value : value[0];
    const isPlainZero = code instanceof Uint8Array && code.length === 1 && code[0] === 0;
    return isPlainZero ? 0 : asUint(code, MAX_CODE); // reth reads 00 as 0, though RLP would have 80
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
