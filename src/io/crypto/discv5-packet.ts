/**
 * Packets of Node Discovery v5.1: `masking IV ‖ masked header ‖ encrypted message`. Handshakes are put together and
 * checked in `discv5-handshake.ts`.
 * Source: devp2p/discv5/discv5-wire.md, "Packet Encoding".
 */
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';

import { Discv5Error } from '../wire/discv5-fault.ts';
import { type Discv5Message, decodeDiscv5, encodeDiscv5 } from '../wire/discv5-message.ts';
import {
  type Discv5AuthData,
  encodeHeader,
  type HandshakeAuthData,
  ID_NONCE_BYTES,
  MASKING_IV_BYTES,
  MAX_DISCV5_PACKET_BYTES,
  type MessageAuthData,
  MIN_DISCV5_PACKET_BYTES,
  NONCE_BYTES,
  readAuthData,
  readStaticHeader,
  SHORT_AUTH_BYTES,
  STATIC_HEADER_BYTES,
  type WhoareyouAuthData,
} from '../wire/discv5-packet.ts';
import { noblePrimitives, type Primitives, type Random } from './primitives.ts';

/** Of a node id, what masks the headers of packets to it. */
const MASKING_KEY_BYTES = 16;

/** Content of a packet without a session. Source: go-ethereum p2p/discover/v5wire/encoding.go. */
const RANDOM_MESSAGE_BYTES = 20;

/** Where the header of the kinds with a short authdata ends. */
const SHORT_HEADER_BYTES = STATIC_HEADER_BYTES + SHORT_AUTH_BYTES;

/** What kinds with a message have. */
type WithMessage = {
  /** 12 bytes that no other message of the session has. A WHOAREYOU repeats them. */
  readonly nonce: Uint8Array;
  /** What the tag of the message covers as well: masking IV and unmasked header. */
  readonly authenticated: Uint8Array;
  /** The encrypted message with its tag, 16 bytes or more. */
  readonly sealed: Uint8Array;
};

export type MessagePacket = MessageAuthData & WithMessage;

export type WhoareyouPacket = WhoareyouAuthData & {
  /** The nonce of the message that this answers, 12 bytes. */
  readonly nonce: Uint8Array;
  /** The whole unmasked packet: what keys and the identity proof are made from. */
  readonly challengeData: Uint8Array;
};

export type HandshakePacket = HandshakeAuthData & WithMessage;

export type Discv5Packet = MessagePacket | WhoareyouPacket | HandshakePacket;

/** Who sends, and who receives. Node ids, 64 hex digits each. */
export type PacketSides = { readonly sourceId: string; readonly recipientId: string };

/** A packet, and the nonce by which a WHOAREYOU refers to it. */
export type SealedPacket = { readonly datagram: Uint8Array; readonly nonce: Uint8Array };

/**
 * Reads a datagram that was sent to us, in copies; the message stays encrypted. At most two AES operations.
 *
 * @param ownId Our node id, 64 hex digits.
 * @throws {Discv5Error} In this order: length, protocol, version, kind, sizes.
 */
export function readDiscv5Packet(
  datagram: Uint8Array,
  ownId: string,
  primitives: Pick<Primitives, 'aes128Ctr'> = noblePrimitives,
): Discv5Packet {
  const { length } = datagram;
  if (length < MIN_DISCV5_PACKET_BYTES) throw new Discv5Error('packetTooShort', `${length} bytes`);
  if (length > MAX_DISCV5_PACKET_BYTES) throw new Discv5Error('packetTooLong', `${length} bytes`);
  const iv = datagram.subarray(0, MASKING_IV_BYTES);
  const unmasked = (bytes: number): Uint8Array =>
    masked(datagram.subarray(MASKING_IV_BYTES, MASKING_IV_BYTES + bytes), ownId, iv, primitives);
  const start = unmasked(SHORT_HEADER_BYTES);
  const after = length - MASKING_IV_BYTES - STATIC_HEADER_BYTES;
  const { kind, nonce, authDataBytes } = readStaticHeader(start, after);
  const headerBytes = STATIC_HEADER_BYTES + authDataBytes;
  const header = kind === 'handshake' ? unmasked(headerBytes) : start.subarray(0, headerBytes);
  const authData = readAuthData(kind, header.subarray(STATIC_HEADER_BYTES));
  const authenticated = concatBytes(iv, header);
  if (authData.kind === 'whoareyou') return { ...authData, nonce, challengeData: authenticated };
  const sealed = new Uint8Array(datagram.subarray(MASKING_IV_BYTES + headerBytes));
  return { ...authData, nonce, authenticated, sealed };
}

/**
 * Decrypts and reads the message of a packet.
 *
 * @param readKey 16 bytes.
 * @throws {Discv5Error} `undecryptable`, or a fault of the message.
 */
export function openMessage(
  { nonce, authenticated, sealed }: WithMessage,
  readKey: Uint8Array,
  { aes128GcmOpen }: Pick<Primitives, 'aes128GcmOpen'> = noblePrimitives,
): Discv5Message {
  const opened = aes128GcmOpen(readKey, nonce, sealed, authenticated);
  if (!opened) throw new Discv5Error('undecryptable', 'the key of this session does not open it');
  return decodeDiscv5(opened);
}

/**
 * A message of a session.
 *
 * @param nonce Of `messageNonce`; never used before with this key.
 * @throws {RangeError} The packet would be too long.
 */
export function sealMessage(
  {
    message,
    writeKey,
    nonce,
    sourceId,
    recipientId,
  }: PacketSides & {
    readonly message: Discv5Message;
    readonly writeKey: Uint8Array;
    readonly nonce: Uint8Array;
  },
  random: Random,
  primitives: Pick<Primitives, 'aes128Ctr' | 'aes128GcmSeal'> = noblePrimitives,
): SealedPacket {
  const authData = { kind: 'message' as const, sourceId };
  return sealWithMessage({ message, writeKey, nonce, recipientId, authData }, random, primitives);
}

/** A packet without a session: its content is random, and its recipient answers with WHOAREYOU. */
export function sealRandom(
  { sourceId, recipientId }: PacketSides,
  random: Random,
  primitives: Pick<Primitives, 'aes128Ctr'> = noblePrimitives,
): SealedPacket {
  const nonce = random(NONCE_BYTES);
  const header = encodeHeader(nonce, { kind: 'message', sourceId });
  const iv = random(MASKING_IV_BYTES);
  const content = random(RANDOM_MESSAGE_BYTES);
  return { datagram: concatBytes(iv, masked(header, recipientId, iv, primitives), content), nonce };
}

/**
 * A new challenge, for the packet with this nonce.
 *
 * @returns `datagram`: to send again byte for byte, as long as the challenge is pending. `challengeData`: to keep for
 * the handshake.
 */
export function sealWhoareyou(
  {
    nonce,
    recordSeq,
    recipientId,
  }: {
    readonly nonce: Uint8Array;
    /** The sequence number of the recipient's record that we know, 0 for none. */
    readonly recordSeq: number;
    readonly recipientId: string;
  },
  random: Random,
  primitives: Pick<Primitives, 'aes128Ctr'> = noblePrimitives,
): { readonly datagram: Uint8Array; readonly challengeData: Uint8Array } {
  const idNonce = random(ID_NONCE_BYTES);
  const header = encodeHeader(nonce, { kind: 'whoareyou', idNonce, recordSeq });
  const iv = random(MASKING_IV_BYTES);
  return {
    datagram: concatBytes(iv, masked(header, recipientId, iv, primitives)),
    challengeData: concatBytes(iv, header),
  };
}

/** For {@link sealMessage} and `sealHandshake`. @throws {RangeError} The packet would be too long. */
export function sealWithMessage(
  {
    message,
    writeKey,
    nonce,
    recipientId,
    authData,
  }: {
    readonly message: Discv5Message;
    readonly writeKey: Uint8Array;
    readonly nonce: Uint8Array;
    readonly recipientId: string;
    readonly authData: Discv5AuthData;
  },
  random: Random,
  primitives: Pick<Primitives, 'aes128Ctr' | 'aes128GcmSeal'>,
): SealedPacket {
  const iv = random(MASKING_IV_BYTES);
  const header = encodeHeader(nonce, authData);
  const authenticated = concatBytes(iv, header);
  const sealed = primitives.aes128GcmSeal(writeKey, nonce, encodeDiscv5(message), authenticated);
  const datagram = concatBytes(iv, masked(header, recipientId, iv, primitives), sealed);
  if (datagram.length > MAX_DISCV5_PACKET_BYTES)
    throw new RangeError(
      `a packet has ${MAX_DISCV5_PACKET_BYTES} bytes at most, this one ${datagram.length}`,
    );
  return { datagram, nonce };
}

/** Masks and unmasks. */
function masked(
  header: Uint8Array,
  recipientId: string,
  iv: Uint8Array,
  { aes128Ctr }: Pick<Primitives, 'aes128Ctr'>,
): Uint8Array {
  const key = hexToBytes(recipientId).subarray(0, MASKING_KEY_BYTES);
  return aes128Ctr(key, iv, header);
}
