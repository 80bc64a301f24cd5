/**
 * The steps of the RLPx key exchange, both roles, both formats; the chart orders the steps. Source: devp2p/rlpx.md, "Initial Handshake", and EIP-8. All failures here must
 * look alike to the peer.
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { WireError } from '../wire/error.ts';
import {
  decodeAckBody,
  decodeAuthBody,
  decodeLegacyAckBody,
  decodeLegacyAuthBody,
  encodeAckBody,
  encodeAuthBody,
  encodeLegacyAckBody,
  encodeLegacyAuthBody,
} from '../wire/handshake-message.ts';
import { decrypt, ECIES_OVERHEAD_BYTES, encrypt } from './ecies.ts';
import type { NodeKey } from './node-key.ts';
import { type Primitives, type PublicKey, type Random, randomSecret } from './primitives.ts';
import { PUBLIC_KEY_BYTES, parsePublicKey, parseRawPublicKey, rawPublicKey } from './public-key.ts';
import { createSession, type Session } from './rlpx-session.ts';

export type { Session } from './rlpx-session.ts';

const NONCE_BYTES = 32;
/** The size field before an EIP-8 packet; the ECIES tag covers it. */
const SIZE_BYTES = 2;
/**
 * EIP-8 asks for at least 100 zero bytes of random amount; the range is go-ethereum's, `p2p/rlpx`.
 */
const MIN_PADDING_BYTES = 100;
const PADDING_CHOICES = 100;

const NOTHING = new Uint8Array(0);

/** `legacy` is the format from before EIP-8: fixed sizes, no size field, no room for extensions. */
export type HandshakeFormat = 'eip8' | 'legacy';

/** Our side of the exchange. */
export type Local = {
  readonly key: NodeKey;
  readonly random: Random;
  readonly primitives: Primitives;
  /** Awaited before each operation on the curve; without it they follow each other at once. Its rejection is passed on. */
  readonly nextTurn?: () => Promise<void>;
};

/** An auth that was sent; valid for one {@link readAck}. */
export type SentAuth = { readonly packet: Uint8Array; toJSON(): '[auth]' };

/** An auth that was decrypted and whose signature is valid; valid for one {@link makeAck}. */
export type ReceivedAuth = {
  /** The key the initiator claims, proven only by the MAC of its first frame (C8). */
  readonly remoteKey: PublicKey;
  readonly format: HandshakeFormat;
  toJSON(): '[auth]';
};

type Initiation = { readonly ephemeral: Uint8Array; readonly nonce: Uint8Array };
type Invitation = {
  readonly remoteEphemeral: PublicKey;
  readonly nonce: Uint8Array;
  readonly packet: Uint8Array;
};

const initiations = new WeakMap<SentAuth, Initiation>();
const invitations = new WeakMap<ReceivedAuth, Invitation>();

/** Initiator, first step. Two multiplications of a point. */
export async function makeAuth(
  local: Local,
  remote: PublicKey,
  format: HandshakeFormat,
): Promise<SentAuth> {
  const { key, random, primitives } = local;
  const nonce = random(NONCE_BYTES);
  const ephemeral = randomSecret(random, primitives);
  try {
    await local.nextTurn?.();
    const ephemeralKey = primitives.publicKeyOf(ephemeral);
    await local.nextTurn?.();
    const shared = await key.ecdh(remote);
    const signed = xor(shared, nonce);
    shared.fill(0);
    await local.nextTurn?.();
    const body = {
      signature: primitives.sign(signed, ephemeral),
      initiatorPublicKey: rawPublicKey(key.publicKey),
      nonce,
    };
    const plaintext =
      format === 'eip8'
        ? encodeAuthBody(body)
        : encodeLegacyAuthBody({
            ...body,
            ephemeralKeyHash: primitives.keccak256(rawPublicKey(ephemeralKey)),
          });
    const packet = await seal(local, remote, plaintext, format);
    const sent: SentAuth = Object.freeze({ packet, toJSON: () => '[auth]' as const });
    initiations.set(sent, { ephemeral, nonce });
    return sent;
  } catch (error) {
    ephemeral.fill(0);
    throw error;
  }
}

/**
 * Initiator, last step, for either format. Two multiplications.
 *
 * @throws {WireError} `undecryptable`, `invalidPublicKey` or `malformedHandshake`. `sent` is spent
 * even so.
 */
export async function readAck(local: Local, sent: SentAuth, packet: Uint8Array): Promise<Session> {
  const { ephemeral, nonce } = spend(initiations, sent);
  const { primitives } = local;
  try {
    const format = formatOf(packet);
    const plaintext = await open(local, packet, format);
    const ack = format === 'eip8' ? decodeAckBody(plaintext) : decodeLegacyAckBody(plaintext);
    const remoteEphemeral = parseRawPublicKey(ack.ephemeralPublicKey);
    await local.nextTurn?.();
    const agreed = await primitives.ecdh(ephemeral, remoteEphemeral);
    return agree(primitives, agreed, {
      initiatorNonce: nonce,
      recipientNonce: ack.nonce,
      egress: { nonce: ack.nonce, packet: sent.packet },
      ingress: { nonce, packet },
    });
  } finally {
    ephemeral.fill(0);
  }
}

/**
 * Before an auth waits for its turn: its ephemeral point is one of the curve. Multiplies nothing.
 *
 * @throws {WireError} `invalidPublicKey`
 */
export function checkPoint(packet: Uint8Array, format: HandshakeFormat): void {
  const pointAt = format === 'eip8' ? SIZE_BYTES : 0;
  parsePublicKey(packet.subarray(pointAt, pointAt + PUBLIC_KEY_BYTES));
}

/**
 * Recipient, first step. Two multiplications and a recovery, and a refused point costs none of
 * them. The format is decided by the packet reader: trying both here would double what garbage
 * costs us.
 *
 * @throws {WireError} `undecryptable`, `invalidPublicKey`, `malformedHandshake`,
 * `unrecoverableSignature`.
 */
export async function readAuth(
  local: Omit<Local, 'random'>,
  packet: Uint8Array,
  format: HandshakeFormat,
): Promise<ReceivedAuth> {
  const { key, primitives } = local;
  const plaintext = await open(local, packet, format);
  const auth =
    format === 'eip8'
      ? { ...decodeAuthBody(plaintext), ephemeralKeyHash: null }
      : decodeLegacyAuthBody(plaintext);
  const remoteKey = parseRawPublicKey(auth.initiatorPublicKey);
  await local.nextTurn?.();
  const shared = await key.ecdh(remoteKey);
  const signed = xor(shared, auth.nonce);
  shared.fill(0);
  await local.nextTurn?.();
  const remoteEphemeral = parsePublicKey(primitives.recover(signed, auth.signature));
  if (auth.ephemeralKeyHash !== null) {
    const hash = primitives.keccak256(rawPublicKey(remoteEphemeral));
    if (!primitives.equal(hash, auth.ephemeralKeyHash))
      throw new WireError('unrecoverableSignature', 'made by another key than the one announced');
  }
  const received: ReceivedAuth = Object.freeze({
    remoteKey,
    format,
    toJSON: () => '[auth]' as const,
  });
  invitations.set(received, {
    remoteEphemeral,
    nonce: new Uint8Array(auth.nonce),
    packet: new Uint8Array(packet),
  });
  return received;
}

/** Recipient, last step; answers in the initiator's format. Two multiplications. */
export async function makeAck(
  local: Local,
  received: ReceivedAuth,
): Promise<{ packet: Uint8Array; session: Session }> {
  const invitation = spend(invitations, received);
  const { random, primitives } = local;
  const nonce = random(NONCE_BYTES);
  const ephemeral = randomSecret(random, primitives);
  try {
    await local.nextTurn?.();
    const ephemeralPublicKey = rawPublicKey(primitives.publicKeyOf(ephemeral));
    const encode = received.format === 'eip8' ? encodeAckBody : encodeLegacyAckBody;
    const plaintext = encode({ ephemeralPublicKey, nonce });
    const packet = await seal(local, received.remoteKey, plaintext, received.format);
    await local.nextTurn?.();
    const agreed = await primitives.ecdh(ephemeral, invitation.remoteEphemeral);
    const session = agree(primitives, agreed, {
      initiatorNonce: invitation.nonce,
      recipientNonce: nonce,
      egress: { nonce: invitation.nonce, packet },
      ingress: { nonce, packet: invitation.packet },
    });
    return { packet, session };
  } finally {
    ephemeral.fill(0);
  }
}

async function seal(
  local: Local,
  remote: PublicKey,
  plaintext: Uint8Array,
  format: HandshakeFormat,
): Promise<Uint8Array> {
  if (format === 'legacy') return encrypt(remote, plaintext, NOTHING, local);
  const padding = new Uint8Array(MIN_PADDING_BYTES + (local.random(1)[0]! % PADDING_CHOICES));
  const padded = concatBytes(plaintext, padding);
  const bytes = padded.length + ECIES_OVERHEAD_BYTES;
  const size = Uint8Array.of(bytes >>> 8, bytes);
  return concatBytes(size, await encrypt(remote, padded, size, local));
}

async function open(
  { key, primitives, nextTurn }: Omit<Local, 'random'>,
  packet: Uint8Array,
  format: HandshakeFormat,
): Promise<Uint8Array> {
  await nextTurn?.();
  if (format === 'legacy') return decrypt(key, packet, NOTHING, primitives);
  const size = packet.subarray(0, SIZE_BYTES);
  return decrypt(key, packet.subarray(SIZE_BYTES), size, primitives);
}

/**
 * Sound for a whole ack: a legacy one starts with 0x04, which as a size would make it five times
 * longer.
 */
function formatOf(ack: Uint8Array): HandshakeFormat {
  const size = ((ack[0] ?? 0) << 8) | (ack[1] ?? 0);
  return ack.length === SIZE_BYTES + size ? 'eip8' : 'legacy';
}

type Transcript = {
  readonly initiatorNonce: Uint8Array;
  readonly recipientNonce: Uint8Array;
  /**
   * Whose nonce and which raw packet seed the MAC of what we send, and of what we receive (C16).
   */
  readonly egress: { readonly nonce: Uint8Array; readonly packet: Uint8Array };
  readonly ingress: { readonly nonce: Uint8Array; readonly packet: Uint8Array };
};

/**
 * Wipes `agreed`, the shared x coordinate of the ephemeral keys, and everything between it and the
 * session.
 */
function agree(primitives: Primitives, agreed: Uint8Array, transcript: Transcript): Session {
  const { keccak256 } = primitives;
  const nonces = keccak256(transcript.recipientNonce, transcript.initiatorNonce);
  const shared = keccak256(agreed, nonces);
  const aesSecret = keccak256(agreed, shared);
  const macSecret = keccak256(agreed, aesSecret);
  agreed.fill(0);
  shared.fill(0);
  const seeded = ({ nonce, packet }: Transcript['egress']) => {
    const mac = primitives.runningKeccak256();
    mac.update(xor(macSecret, nonce));
    mac.update(packet);
    return mac;
  };
  return createSession({
    aesSecret,
    macSecret,
    egressMac: seeded(transcript.egress),
    ingressMac: seeded(transcript.ingress),
  });
}

/** Secrets serve one exchange; a second use throws. */
function spend<Step extends object, Secret>(held: WeakMap<Step, Secret>, step: Step): Secret {
  const secret = held.get(step);
  if (secret === undefined) throw new TypeError('this handshake step was already taken');
  held.delete(step);
  return secret;
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ b[index]!);
}
