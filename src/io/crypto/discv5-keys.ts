/**
 * What a handshake of Node Discovery v5.1 computes: the keys of a session, and the signature that proves an identity.
 * Source: devp2p/discv5/discv5-theory.md, "Sessions".
 */
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

import { ID_SIGNATURE_BYTES, NONCE_BYTES } from '../wire/discv5-packet.ts';
import type { NodeKey } from './node-key.ts';
import { noblePrimitives, type Primitives, type PublicKey, type Random } from './primitives.ts';

/** AES-128. */
const KEY_BYTES = 16;
/** The nonce starts with the number of the message. */
const COUNTER_BYTES = 4;

const KEY_AGREEMENT = utf8ToBytes('discovery v5 key agreement');
const IDENTITY_PROOF = utf8ToBytes('discovery v5 identity proof');

/** One byte that ends the input of the first, and here the only, block of HKDF-Expand. Source: RFC 5869, 2.3. */
const FIRST_BLOCK = Uint8Array.of(1);

/** Most messages that one key may encrypt: each needs its own nonce. */
export const MAX_MESSAGES_PER_KEY = 2 ** (8 * COUNTER_BYTES);

/** 16 bytes each. Secret: for plain objects of `io` only; wipe them with {@link wipeKeys}. */
export type SessionKeys = {
  /** Opens what the other node sends. */
  readonly readKey: Uint8Array;
  /** Seals what we send. */
  readonly writeKey: Uint8Array;
};

/** Who answers the challenge, and who made it. Node ids, 64 hex digits each. */
type HandshakeSides = {
  /** Sent the handshake packet. */
  readonly initiatorId: string;
  /** Sent the WHOAREYOU. */
  readonly recipientId: string;
};

/**
 * HKDF of the shared point; the same on both sides.
 *
 * @param secret The shared point, compressed, 33 bytes: see `Primitives.ecdhPoint`.
 * @param challengeData The unmasked WHOAREYOU, with its masking IV.
 */
export function deriveKeys(
  {
    secret,
    challengeData,
    initiatorId,
    recipientId,
  }: HandshakeSides & { readonly secret: Uint8Array; readonly challengeData: Uint8Array },
  { hmacSha256 }: Pick<Primitives, 'hmacSha256'> = noblePrimitives,
): { readonly initiatorKey: Uint8Array; readonly recipientKey: Uint8Array } {
  const extracted = hmacSha256(challengeData, secret);
  const info = [KEY_AGREEMENT, hexToBytes(initiatorId), hexToBytes(recipientId)];
  const expanded = hmacSha256(extracted, ...info, FIRST_BLOCK);
  const keys = {
    initiatorKey: expanded.slice(0, KEY_BYTES),
    recipientKey: expanded.slice(KEY_BYTES),
  };
  extracted.fill(0);
  expanded.fill(0);
  return keys;
}

/** What an identity proof signs, besides the name of its purpose. */
type IdProof = {
  readonly challengeData: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly ephemeralKey: Uint8Array;
  /** Node id of the one that made the challenge. */
  readonly recipientId: string;
};

/** `r ‖ s`, 64 bytes. */
export function signIdNonce(
  proof: IdProof,
  key: Pick<NodeKey, 'sign'>,
  primitives: Pick<Primitives, 'sha256'> = noblePrimitives,
): Uint8Array {
  return key.sign(hashOf(proof, primitives)).slice(0, ID_SIGNATURE_BYTES);
}

/** Whether the node with this public key signed the proof. One verification. */
export function verifyIdNonce(
  proof: IdProof,
  signature: Uint8Array,
  publicKey: PublicKey,
  primitives: Pick<Primitives, 'sha256' | 'verify'> = noblePrimitives,
): boolean {
  return primitives.verify(hashOf(proof, primitives), signature, publicKey);
}

/**
 * The nonce of one message: its number and 8 random bytes, so that no two messages of a session share one.
 *
 * @param count How many messages this key has encrypted before, below {@link MAX_MESSAGES_PER_KEY}.
 */
export function messageNonce(count: number, random: Random): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(0, count);
  nonce.set(random(NONCE_BYTES - COUNTER_BYTES), COUNTER_BYTES);
  return nonce;
}

/** Overwrites both keys. */
export function wipeKeys({ readKey, writeKey }: SessionKeys): void {
  readKey.fill(0);
  writeKey.fill(0);
}

function hashOf(
  { challengeData, ephemeralKey, recipientId }: IdProof,
  { sha256 }: Pick<Primitives, 'sha256'>,
): Uint8Array {
  return sha256(IDENTITY_PROOF, challengeData, ephemeralKey, hexToBytes(recipientId));
}
