/**
 * The unmasked header of a packet of Node Discovery v5.1: `static header ‖ authdata`. Masking and encryption are in
 * `io/crypto/discv5-packet.ts`.
 * Source: devp2p/discv5/discv5-wire.md, "Packet Encoding".
 */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

import { Discv5Error } from './discv5-fault.ts';

/** Shortest packet, in bytes: a WHOAREYOU. */
export const MIN_DISCV5_PACKET_BYTES = 63;
/** Longest packet, in bytes. */
export const MAX_DISCV5_PACKET_BYTES = 1280;

/** Random bytes at the start of a packet, from which its mask is made. */
export const MASKING_IV_BYTES = 16;
/** `discv5`, version, kind, nonce and the size of the authdata. */
export const STATIC_HEADER_BYTES = 23;
export const NONCE_BYTES = 12;
export const ID_NONCE_BYTES = 16;
/** Authentication tag at the end of an encrypted message. */
const TAG_BYTES = 16;
/** `r ‖ s` in the identity scheme "v4". */
export const ID_SIGNATURE_BYTES = 64;
/** Compressed, in the identity scheme "v4". */
const EPHEMERAL_KEY_BYTES = 33;

const NODE_ID_BYTES = 32;
const SEQ_BYTES = 8;

/** Authdata of each kind, in bytes; that of a handshake has at least so many. */
const MESSAGE_AUTH_BYTES = NODE_ID_BYTES;
const WHOAREYOU_AUTH_BYTES = ID_NONCE_BYTES + SEQ_BYTES;
const HANDSHAKE_HEAD_BYTES = NODE_ID_BYTES + 2;
const HANDSHAKE_AUTH_BYTES = HANDSHAKE_HEAD_BYTES + ID_SIGNATURE_BYTES + EPHEMERAL_KEY_BYTES;

/** Longest authdata that is not of a handshake. */
export const SHORT_AUTH_BYTES = MESSAGE_AUTH_BYTES;

/** Byte offsets in the static header. */
const VERSION = 6;
const KIND = 8;
const NONCE = 9;
const AUTH_SIZE = 21;

/** `discv5` and version 1. */
const START = hexToBytes('6469736376350001');

/** The kinds of packets, with the byte of each. */
const KINDS = { message: 0, whoareyou: 1, handshake: 2 } as const;

type Discv5PacketKind = keyof typeof KINDS;

type StaticHeader = {
  readonly kind: Discv5PacketKind;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  readonly authDataBytes: number;
};

/** A message of a session; without a session, the sender could not make it, and its content is random. */
export type MessageAuthData = {
  readonly kind: 'message';
  /** Node id of the sender, 64 hex digits. Proven by nothing but the session. */
  readonly sourceId: string;
};

/** The challenge that answers a message which could not be decrypted. */
export type WhoareyouAuthData = {
  readonly kind: 'whoareyou';
  /** 16 bytes. */
  readonly idNonce: Uint8Array;
  /** The sequence number of our record that the sender knows, 0 for none. */
  readonly recordSeq: number;
};

/** The answer to a challenge, with the message that could not be decrypted before. */
export type HandshakeAuthData = {
  readonly kind: 'handshake';
  /** Node id of the sender, 64 hex digits. */
  readonly sourceId: string;
  /** 64 bytes. */
  readonly idSignature: Uint8Array;
  /** 33 bytes; not checked to be a point. */
  readonly ephemeralKey: Uint8Array;
  /** The encoded record of the sender, unverified; null when it sent none. */
  readonly record: Uint8Array | null;
};

export type Discv5AuthData = MessageAuthData | WhoareyouAuthData | HandshakeAuthData;

/**
 * @param header The first 23 bytes, unmasked.
 * @param bytesAfter How many bytes the datagram has after these.
 * @throws {Discv5Error} `notDiscv5`, `unsupportedVersion`, `unknownPacketKind`, `badAuthDataSize`, `messageTooShort` or
 * `unexpectedMessage`
 */
export function readStaticHeader(header: Uint8Array, bytesAfter: number): StaticHeader {
  if (!startsWith(header, START.subarray(0, VERSION)))
    throw new Discv5Error('notDiscv5', 'the header does not start with "discv5"');
  if (!startsWith(header, START))
    throw new Discv5Error('unsupportedVersion', `version ${uint16At(header, VERSION)}`);
  const kind = kindOf(header[KIND]!);
  const authDataBytes = uint16At(header, AUTH_SIZE);
  const isLongEnough = authDataBytes >= HANDSHAKE_AUTH_BYTES;
  if (kind === 'handshake' ? !isLongEnough : authDataBytes !== FIXED_AUTH_BYTES[kind])
    throw new Discv5Error('badAuthDataSize', `${authDataBytes} bytes`);
  const messageBytes = bytesAfter - authDataBytes;
  if (messageBytes < 0)
    throw new Discv5Error('badAuthDataSize', `${authDataBytes} bytes where ${bytesAfter} are left`);
  if (kind === 'whoareyou') {
    if (messageBytes > 0)
      throw new Discv5Error('unexpectedMessage', `${messageBytes} bytes after a WHOAREYOU`);
  } else if (messageBytes < TAG_BYTES)
    throw new Discv5Error('messageTooShort', `${messageBytes} bytes`);
  return { kind, nonce: header.slice(NONCE, AUTH_SIZE), authDataBytes };
}

const FIXED_AUTH_BYTES = { message: MESSAGE_AUTH_BYTES, whoareyou: WHOAREYOU_AUTH_BYTES } as const;

/**
 * The authdata, in copies.
 *
 * @param authData As long as `readStaticHeader` found.
 * @throws {Discv5Error} `unsupportedIdentityScheme`, or `badAuthDataSize`
 */
export function readAuthData(kind: Discv5PacketKind, authData: Uint8Array): Discv5AuthData {
  switch (kind) {
    case 'message':
      return { kind, sourceId: bytesToHex(authData) };
    case 'whoareyou':
      return {
        kind,
        idNonce: authData.slice(0, ID_NONCE_BYTES),
        recordSeq: uint64At(authData, ID_NONCE_BYTES),
      };
    case 'handshake': {
      const [signatureBytes, keyBytes] = authData.subarray(NODE_ID_BYTES, HANDSHAKE_HEAD_BYTES);
      if (signatureBytes !== ID_SIGNATURE_BYTES || keyBytes !== EPHEMERAL_KEY_BYTES)
        throw new Discv5Error(
          'unsupportedIdentityScheme',
          `a signature of ${signatureBytes} bytes and a key of ${keyBytes}`,
        );
      const keyAt = HANDSHAKE_HEAD_BYTES + ID_SIGNATURE_BYTES;
      const record = authData.slice(HANDSHAKE_AUTH_BYTES);
      return {
        kind,
        sourceId: bytesToHex(authData.subarray(0, NODE_ID_BYTES)),
        idSignature: authData.slice(HANDSHAKE_HEAD_BYTES, keyAt),
        ephemeralKey: authData.slice(keyAt, HANDSHAKE_AUTH_BYTES),
        record: record.length === 0 ? null : record,
      };
    }
  }
}

/** The unmasked header. */
export function encodeHeader(nonce: Uint8Array, authData: Discv5AuthData): Uint8Array {
  const data = authDataOf(authData);
  const size = Uint8Array.of(data.length >> 8, data.length);
  return concatBytes(START, Uint8Array.of(KINDS[authData.kind]), nonce, size, data);
}

function authDataOf(authData: Discv5AuthData): Uint8Array {
  switch (authData.kind) {
    case 'message':
      return hexToBytes(authData.sourceId);
    case 'whoareyou':
      return concatBytes(authData.idNonce, uint64Bytes(authData.recordSeq));
    case 'handshake': {
      const { sourceId, idSignature, ephemeralKey, record } = authData;
      return concatBytes(
        hexToBytes(sourceId),
        Uint8Array.of(idSignature.length, ephemeralKey.length),
        idSignature,
        ephemeralKey,
        record ?? new Uint8Array(),
      );
    }
  }
}

function kindOf(byte: number): Discv5PacketKind {
  for (const kind of ['message', 'whoareyou', 'handshake'] as const)
    if (KINDS[kind] === byte) return kind;
  throw new Discv5Error('unknownPacketKind', `kind ${byte}`);
}

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  start.every((byte, at) => bytes[at] === byte);

const uint16At = (bytes: Uint8Array, at: number): number => bytes[at]! * 256 + bytes[at + 1]!;

/** `Number.MAX_SAFE_INTEGER` stands for every larger one. */
function uint64At(bytes: Uint8Array, at: number): number {
  const uint = bytes.subarray(at, at + SEQ_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
  return Math.min(uint, Number.MAX_SAFE_INTEGER);
}

function uint64Bytes(uint: number): Uint8Array {
  const bytes = new Uint8Array(SEQ_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(uint));
  return bytes;
}
