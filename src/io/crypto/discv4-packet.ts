/**
 * Packets of Node Discovery v4: `hash ‖ signature ‖ type ‖ content`. Everything that needs no curve is checked first.
 * Source: devp2p/discv4.md, "Wire Protocol".
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { type Discv4Message, decodeDiscv4, encodeDiscv4 } from '../wire/discv4-message.ts';
import { WireError } from '../wire/error.ts';
import type { NodeKey } from './node-key.ts';
import { noblePrimitives, type Primitives, type PublicKey } from './primitives.ts';

/** Longest packet, in bytes: larger ones would be split on the way. */
export const MAX_PACKET_BYTES = 1280;

const HASH_BYTES = 32;
const SIGNATURE_BYTES = 65;
const HEAD_BYTES = HASH_BYTES + SIGNATURE_BYTES;

/** Why a datagram is not a packet. */
export type PacketFault =
  | 'packetTooShort'
  | 'packetTooLong'
  | 'badPacketHash'
  | 'unknownPacketType'
  | 'malformedPacket'
  | 'unrecoverableSignature';

/** A datagram from outside that is no packet. Match on `fault`; the message is for people only. */
export class PacketError extends Error {
  override readonly name = 'PacketError';
  readonly fault: PacketFault;

  constructor(fault: PacketFault, detail: string) {
    super(`${fault}: ${detail}`);
    this.fault = fault;
  }
}

/** A packet whose sender is not known yet. */
export type UnverifiedPacket = {
  readonly message: Discv4Message;
  /** 32 bytes that name the packet: an answer repeats them. */
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
  /** What was signed. */
  readonly signedHash: Uint8Array;
};

/**
 * Reads a datagram without touching the curve.
 *
 * @throws {PacketError} In this order: length, hash, type, content.
 */
export function readPacket(
  datagram: Uint8Array,
  { keccak256 }: Pick<Primitives, 'keccak256'> = noblePrimitives,
): UnverifiedPacket {
  const { length } = datagram;
  if (length <= HEAD_BYTES) throw new PacketError('packetTooShort', `${length} bytes`);
  if (length > MAX_PACKET_BYTES) throw new PacketError('packetTooLong', `${length} bytes`);
  const hash = new Uint8Array(datagram.subarray(0, HASH_BYTES));
  const isWhole = Buffer.compare(keccak256(datagram.subarray(HASH_BYTES)), hash) === 0;
  if (!isWhole) throw new PacketError('badPacketHash', 'it is not the hash of what follows');
  const signed = datagram.subarray(HEAD_BYTES);
  return {
    message: messageIn(signed),
    hash,
    signature: new Uint8Array(datagram.subarray(HASH_BYTES, HEAD_BYTES)),
    signedHash: keccak256(signed),
  };
}

/** The key that signed: one recovery. @throws {PacketError} `unrecoverableSignature` */
export function senderOf(
  { signedHash, signature }: UnverifiedPacket,
  { recover }: Pick<Primitives, 'recover'> = noblePrimitives,
): PublicKey {
  try {
    return recover(signedHash, signature);
  } catch (error) {
    if (error instanceof WireError) throw new PacketError('unrecoverableSignature', error.detail);
    throw error;
  }
}

/** @throws {RangeError} The packet would be too long. */
export function sealPacket(
  message: Discv4Message,
  key: NodeKey,
  { keccak256 }: Pick<Primitives, 'keccak256'> = noblePrimitives,
): { readonly datagram: Uint8Array; readonly hash: Uint8Array } {
  const signed = encodeDiscv4(message);
  const body = concatBytes(key.sign(keccak256(signed)), signed);
  const hash = keccak256(body);
  const datagram = concatBytes(hash, body);
  if (datagram.length > MAX_PACKET_BYTES)
    throw new RangeError(
      `a packet has ${MAX_PACKET_BYTES} bytes at most, this one ${datagram.length}`,
    );
  return { datagram, hash };
}

function messageIn(signed: Uint8Array): Discv4Message {
  let message: Discv4Message | null;
  try {
    message = decodeDiscv4(signed);
  } catch (error) {
    if (error instanceof WireError) throw new PacketError('malformedPacket', error.detail);
    throw error;
  }
  if (!message) throw new PacketError('unknownPacketType', `type ${signed[0]}`);
  return message;
}
