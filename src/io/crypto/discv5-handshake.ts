/**
 * The two halves of a handshake of Node Discovery v5.1: the answer to a WHOAREYOU, and its check. Which challenges are
 * pending is left to `io/discovery`.
 * Source: devp2p/discv5/discv5-theory.md, "Handshake Steps".
 */
import { Discv5Error } from '../wire/discv5-fault.ts';
import type { Discv5Message } from '../wire/discv5-message.ts';
import { decodeRecord, RecordError } from '../wire/enr.ts';
import { WireError } from '../wire/error.ts';
import {
  deriveKeys,
  messageNonce,
  type SessionKeys,
  signIdNonce,
  verifyIdNonce,
  wipeKeys,
} from './discv5-keys.ts';
import {
  type HandshakePacket,
  openMessage,
  type SealedPacket,
  sealWithMessage,
  type WhoareyouPacket,
} from './discv5-packet.ts';
import type { NodeKey } from './node-key.ts';
import { type NodeRecord, readRecord } from './node-record.ts';
import {
  noblePrimitives,
  type Primitives,
  type PublicKey,
  type Random,
  randomSecret,
} from './primitives.ts';
import { compressedPublicKey, nodeId, parseCompressedPublicKey } from './public-key.ts';

/** The challenge that a handshake answers, as we keep it. */
export type SentChallenge = {
  readonly challengeData: Uint8Array;
  /** The record of the other node that we had when we sent the challenge. */
  readonly record: NodeRecord | null;
};

/**
 * Answers a WHOAREYOU: proves who we are, and sends the message again. Two multiplications and one signature.
 *
 * @param record Our record. It is sent when the challenge names an older one.
 * @returns `keys` are valid for the next messages, the first of which has the number 1.
 * @throws {RangeError} The packet would be too long: its header is up to 399 bytes longer than that of a message.
 */
export async function sealHandshake(
  {
    challenge,
    message,
    key,
    record,
    recipient,
  }: {
    readonly challenge: WhoareyouPacket;
    readonly message: Discv5Message;
    readonly key: NodeKey;
    readonly record: NodeRecord;
    readonly recipient: PublicKey;
  },
  random: Random,
  primitives: Primitives = noblePrimitives,
): Promise<SealedPacket & { readonly keys: SessionKeys }> {
  const { challengeData } = challenge;
  const recipientId = nodeId(recipient, primitives);
  const ephemeral = randomSecret(random, primitives);
  const ephemeralKey = compressedPublicKey(primitives.publicKeyOf(ephemeral));
  const secret = await primitives.ecdhPoint(ephemeral, recipient).finally(() => ephemeral.fill(0));
  const sides = { initiatorId: key.id, recipientId };
  const { initiatorKey, recipientKey } = deriveKeys(
    { secret, challengeData, ...sides },
    primitives,
  );
  secret.fill(0);
  const proof = { challengeData, ephemeralKey, recipientId };
  const authData = {
    kind: 'handshake' as const,
    sourceId: key.id,
    idSignature: signIdNonce(proof, key, primitives),
    ephemeralKey,
    record: challenge.recordSeq < record.seq ? record.bytes : null,
  };
  const nonce = messageNonce(0, random);
  const packet = sealWithMessage(
    { message, writeKey: initiatorKey, nonce, recipientId, authData },
    random,
    primitives,
  );
  return { ...packet, keys: { readKey: recipientKey, writeKey: initiatorKey } };
}

/**
 * Checks a handshake in go-ethereum's order: record, identity proof, ephemeral key, message. Two verifications with a
 * record, one without, and one multiplication.
 *
 * @returns `record`: the newer one of the handshake and the challenge. `keys`: wiped by their owner.
 * @throws {Discv5Error} Each fault of a handshake, and those of a message.
 */
export async function openHandshake(
  packet: HandshakePacket,
  { challengeData, record: known }: SentChallenge,
  key: NodeKey,
  primitives: Primitives = noblePrimitives,
): Promise<{
  readonly record: NodeRecord;
  readonly keys: SessionKeys;
  readonly message: Discv5Message;
}> {
  const { sourceId, idSignature, ephemeralKey } = packet;
  const record = recordOf(packet, known, primitives);
  const proof = { challengeData, ephemeralKey, recipientId: key.id };
  if (!verifyIdNonce(proof, idSignature, record.publicKey, primitives))
    throw new Discv5Error('badIdSignature', 'the key of the record did not sign this challenge');
  const secret = await key.ecdhPoint(pointOf(ephemeralKey, primitives));
  const sides = { initiatorId: sourceId, recipientId: key.id };
  const { initiatorKey, recipientKey } = deriveKeys(
    { secret, challengeData, ...sides },
    primitives,
  );
  secret.fill(0);
  const keys = { readKey: initiatorKey, writeKey: recipientKey };
  try {
    return { record, keys, message: openMessage(packet, initiatorKey, primitives) };
  } catch (error) {
    wipeKeys(keys);
    throw error;
  }
}

/** The record that was sent, when it is newer than the one we know: only then is its signature checked. */
function recordOf(
  { sourceId, record: sent }: HandshakePacket,
  known: NodeRecord | null,
  primitives: Primitives,
): NodeRecord {
  const record = (sent && newerRecord(sent, known, primitives)) ?? known;
  if (!record) throw new Discv5Error('recordMissing', 'no record is known and none was sent');
  if (record.id !== sourceId)
    throw new Discv5Error('recordOfOtherNode', 'the record has another node id than the packet');
  return record;
}

function newerRecord(
  bytes: Uint8Array,
  known: NodeRecord | null,
  primitives: Primitives,
): NodeRecord | null {
  try {
    if (known && decodeRecord(bytes).seq <= known.seq) return null;
    return readRecord(bytes, primitives);
  } catch (error) {
    if (error instanceof RecordError) throw new Discv5Error('badRecord', error.message);
    throw error;
  }
}

function pointOf(ephemeralKey: Uint8Array, primitives: Primitives): PublicKey {
  try {
    return parseCompressedPublicKey(ephemeralKey, primitives);
  } catch (error) {
    if (error instanceof WireError) throw new Discv5Error('invalidEphemeralKey', error.detail);
    throw error;
  }
}
