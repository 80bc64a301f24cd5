/**
 * The decrypted contents of auth and ack, in the EIP-8 format and in the one before it.
 * Whether keys are on the curve and signatures are valid is left to `io/crypto`.
 * Source: devp2p/rlpx.md, "Initial Handshake"; EIP-8.
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { WireError } from './error.ts';
import { asBytes, asList, decodeRlpPrefix, encodeRlp, type RlpValue } from './rlp.ts';

const SIGNATURE_BYTES = 65;
const HASH_BYTES = 32;
const PUBLIC_KEY_BYTES = 64;
const NONCE_BYTES = 32;

/** Our `auth-vsn` and `ack-vsn`; those of the remote are ignored. */
const HANDSHAKE_VERSION = 4;

/** Items required by EIP-8, the version included. Further items are ignored. */
const AUTH_ITEMS = 4;
const ACK_ITEMS = 3;

/** Byte offsets in the format before EIP-8. The last byte told whether a session token was known; ignored, sent as 0. */
const LEGACY_AUTH = { signature: 0, keyHash: 65, publicKey: 97, nonce: 161, flag: 193, end: 194 };
const LEGACY_ACK = { publicKey: 0, nonce: 64, flag: 96, end: 97 };
const NO_TOKEN = Uint8Array.of(0);

export type AuthBody = {
  /** `r ‖ s ‖ v`, 65 bytes, made with the initiator's ephemeral key. */
  readonly signature: Uint8Array;
  /** The static key, 64 bytes. Not checked to be a point. */
  readonly initiatorPublicKey: Uint8Array;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
};

export type LegacyAuthBody = AuthBody & {
  /** keccak256 of the key that made the signature, 32 bytes. */
  readonly ephemeralKeyHash: Uint8Array;
};

export type AckBody = {
  /** The recipient's ephemeral key, 64 bytes. Not checked to be a point. */
  readonly ephemeralPublicKey: Uint8Array;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
};

/** Without padding: its length is random, and this module has no randomness. */
export function encodeAuthBody({ signature, initiatorPublicKey, nonce }: AuthBody): Uint8Array {
  return encodeRlp([
    sized('signature', signature, SIGNATURE_BYTES),
    sized('initiatorPublicKey', initiatorPublicKey, PUBLIC_KEY_BYTES),
    sized('nonce', nonce, NONCE_BYTES),
    HANDSHAKE_VERSION,
  ]);
}

/**
 * Ignores the version, further items and padding.
 *
 * @throws {WireError} `malformedHandshake`
 */
export function decodeAuthBody(plaintext: Uint8Array): AuthBody {
  return reading(plaintext, (value) => {
    const [signature, initiatorPublicKey, nonce] = asList(value, AUTH_ITEMS);
    return {
      signature: asBytes(signature, SIGNATURE_BYTES),
      initiatorPublicKey: asBytes(initiatorPublicKey, PUBLIC_KEY_BYTES),
      nonce: asBytes(nonce, NONCE_BYTES),
    };
  });
}

/** Without padding: its length is random, and this module has no randomness. */
export function encodeAckBody({ ephemeralPublicKey, nonce }: AckBody): Uint8Array {
  return encodeRlp([
    sized('ephemeralPublicKey', ephemeralPublicKey, PUBLIC_KEY_BYTES),
    sized('nonce', nonce, NONCE_BYTES),
    HANDSHAKE_VERSION,
  ]);
}

/**
 * Ignores the version, further items and padding.
 *
 * @throws {WireError} `malformedHandshake`
 */
export function decodeAckBody(plaintext: Uint8Array): AckBody {
  return reading(plaintext, (value) => {
    const [ephemeralPublicKey, nonce] = asList(value, ACK_ITEMS);
    return {
      ephemeralPublicKey: asBytes(ephemeralPublicKey, PUBLIC_KEY_BYTES),
      nonce: asBytes(nonce, NONCE_BYTES),
    };
  });
}

export function encodeLegacyAuthBody(body: LegacyAuthBody): Uint8Array {
  return concatBytes(
    sized('signature', body.signature, SIGNATURE_BYTES),
    sized('ephemeralKeyHash', body.ephemeralKeyHash, HASH_BYTES),
    sized('initiatorPublicKey', body.initiatorPublicKey, PUBLIC_KEY_BYTES),
    sized('nonce', body.nonce, NONCE_BYTES),
    NO_TOKEN,
  );
}

/** @throws {WireError} `malformedHandshake` */
export function decodeLegacyAuthBody(plaintext: Uint8Array): LegacyAuthBody {
  const { signature, keyHash, publicKey, nonce, flag, end } = LEGACY_AUTH;
  expectLength(plaintext, end);
  return {
    signature: copy(plaintext, signature, keyHash),
    ephemeralKeyHash: copy(plaintext, keyHash, publicKey),
    initiatorPublicKey: copy(plaintext, publicKey, nonce),
    nonce: copy(plaintext, nonce, flag),
  };
}

export function encodeLegacyAckBody({ ephemeralPublicKey, nonce }: AckBody): Uint8Array {
  return concatBytes(
    sized('ephemeralPublicKey', ephemeralPublicKey, PUBLIC_KEY_BYTES),
    sized('nonce', nonce, NONCE_BYTES),
    NO_TOKEN,
  );
}

/** @throws {WireError} `malformedHandshake` */
export function decodeLegacyAckBody(plaintext: Uint8Array): AckBody {
  const { publicKey, nonce, flag, end } = LEGACY_ACK;
  expectLength(plaintext, end);
  return {
    ephemeralPublicKey: copy(plaintext, publicKey, nonce),
    nonce: copy(plaintext, nonce, flag),
  };
}

/** Reports every RLP fault inside a handshake as `malformedHandshake`. */
function reading<Body>(plaintext: Uint8Array, read: (value: RlpValue) => Body): Body {
  try {
    return read(decodeRlpPrefix(plaintext).value);
  } catch (error) {
    if (error instanceof WireError) throw new WireError('malformedHandshake', error.message);
    throw error;
  }
}

function expectLength(plaintext: Uint8Array, bytes: number): void {
  if (plaintext.length !== bytes)
    throw new WireError('malformedHandshake', `${plaintext.length} bytes, not ${bytes}`);
}

/** Copies even a Buffer, so that no memory of another owner is retained. */
function copy(plaintext: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(plaintext.subarray(start, end));
}

function sized(name: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length)
    throw new RangeError(`"${name}" expected ${length} bytes, got ${bytes.length}`);
  return bytes;
}
