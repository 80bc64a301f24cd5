/**
 * Reads one auth or ack from a byte stream and finds out its format. Multiplies and decrypts nothing. Source: EIP-8 and devp2p/rlpx.md, "Initial Handshake".
 */
import { WireError } from '../wire/error.ts';
import { createByteIntake } from './byte-intake.ts';
import { ECIES_OVERHEAD_BYTES } from './ecies.ts';
import { PUBLIC_KEY_BYTES, parsePublicKey } from './public-key.ts';
import type { HandshakeFormat } from './rlpx-handshake.ts';

/** Largest size field accepted (go-ethereum p2p/rlpx/rlpx.go, `readMsg`; C5). */
export const MAX_HANDSHAKE_BYTES = 2048;

/** Big-endian, in front of an EIP-8 packet. */
const SIZE_BYTES = 2;
/** ECIES around plaintexts of 194 and 97 bytes, as they were before EIP-8. */
const LEGACY_BYTES = { auth: 307, ack: 210 } as const;
/**
 * First byte of the ephemeral point: at 0 of a legacy packet, behind the size of an EIP-8 packet.
 */
const POINT_PREFIX = 0x04;
/**
 * Enough to try both offsets. Every packet is longer, so waiting for these bytes delays no honest peer.
 */
const PEEK_BYTES = SIZE_BYTES + PUBLIC_KEY_BYTES;

export type HandshakePacket = {
  /**
   * As received, size field included, because they seed the session MACs (C16). Owned by the caller.
   */
  readonly bytes: Uint8Array;
  readonly format: HandshakeFormat;
};

export type PacketReader = {
  /**
   * Consumes what it needs of `chunk` from `offset` on and returns the offset it reached; bytes after
   * the packet are left. After a fault every call throws that fault; a call after the packet throws a
   * TypeError.
   *
   * @throws {WireError} `handshakeSizeOutOfRange`, or `invalidPublicKey` if it starts with no
   * point.
   */
  read(chunk: Uint8Array, offset: number): { offset: number; packet: HandshakePacket | null };
};

/**
 * `legacy`: whether a packet from before EIP-8 is accepted too. `kind` determines its length.
 */
export function createPacketReader(
  kind: 'auth' | 'ack',
  { legacy }: { readonly legacy: boolean },
): PacketReader {
  const intake = createByteIntake();
  let shape: Shape | null = null;
  let ending: Error | null = null;

  const readNext: PacketReader['read'] = (chunk, from) => {
    let offset = intake.fill(SIZE_BYTES, chunk, from);
    if (intake.length() < SIZE_BYTES) return { offset, packet: null };
    const isAmbiguous = legacy && intake.peek()[0] === POINT_PREFIX;
    if (isAmbiguous) {
      offset = intake.fill(PEEK_BYTES, chunk, offset);
      if (intake.length() < PEEK_BYTES) return { offset, packet: null };
    }
    shape ??= isAmbiguous ? tellApart(intake.peek(), kind) : eip8Shape(intake.peek());
    offset = intake.fill(shape.bytes, chunk, offset);
    if (intake.length() < shape.bytes) return { offset, packet: null };
    return { offset, packet: { bytes: intake.release(), format: shape.format } };
  };

  return {
    read(chunk, offset) {
      if (ending !== null) throw ending;
      try {
        const result = readNext(chunk, offset);
        if (result.packet !== null) ending = new TypeError('this reader has read its packet');
        return result;
      } catch (error) {
        ending = error as Error;
        throw error;
      }
    },
  };
}

type Shape = { readonly format: HandshakeFormat; readonly bytes: number };

function eip8Shape(start: Uint8Array): Shape {
  const size = (start[0]! << 8) | start[1]!;
  if (size < ECIES_OVERHEAD_BYTES || size > MAX_HANDSHAKE_BYTES)
    throw new WireError(
      'handshakeSizeOutOfRange',
      `${size} bytes, not ${ECIES_OVERHEAD_BYTES} to ${MAX_HANDSHAKE_BYTES}`,
    );
  return { format: 'eip8', bytes: SIZE_BYTES + size };
}

/**
 * A first byte of 0x04 starts a legacy point, or a size of 1,024 to 1,279. Only one reading has a point
 * of the curve in its place: 64 arbitrary bytes are one with a probability of 2⁻²⁵⁶ (any x, then
 * y² = x³ + 7). A remote that forges an overlap only chooses the format of its own packet, which it may
 * do anyway. So the curve equation decides, at the cost of two checks and no multiplication.
 */
function tellApart(start: Uint8Array, kind: 'auth' | 'ack'): Shape {
  if (isPoint(start.subarray(0, PUBLIC_KEY_BYTES)))
    return { format: 'legacy', bytes: LEGACY_BYTES[kind] };
  if (isPoint(start.subarray(SIZE_BYTES, PEEK_BYTES))) return eip8Shape(start);
  throw new WireError('invalidPublicKey', 'no point at the offset of either format');
}

function isPoint(bytes: Uint8Array): boolean {
  try {
    parsePublicKey(bytes);
    return true;
  } catch {
    return false;
  }
}
