/**
 * Datagrams and messages of discovery v5. The first byte says what the rest is, because noise has no right header and no
 * right tag: a datagram as it is, a header that is masked here, or a message.
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { deriveKeys } from '../../src/io/crypto/discv5-keys.ts';
import { openMessage, readDiscv5Packet, sealMessage } from '../../src/io/crypto/discv5-packet.ts';
import { Discv5Error } from '../../src/io/wire/discv5-fault.ts';
import {
  type Discv5Message,
  decodeDiscv5,
  encodeDiscv5,
} from '../../src/io/wire/discv5-message.ts';
import {
  encodeHeader,
  MASKING_IV_BYTES,
  MAX_DISCV5_PACKET_BYTES,
} from '../../src/io/wire/discv5-packet.ts';
import { chosenPrimitives, hex, loadVectors, seededRandom } from '../support/crypto.ts';
import { demand, demandEqual, sameBytes, type Target } from './target.ts';

type Vectors = {
  readonly keys: { readonly nodeAId: string; readonly nodeBId: string };
  readonly packets: readonly {
    readonly packet: string;
    readonly decoded: { readonly messageAd: string; readonly message: string };
  }[];
  readonly messages: readonly { readonly message: string }[];
};
const { keys, packets, messages } = loadVectors<Vectors>('discv5-wire.json');
const sides = { sourceId: keys.nodeAId, recipientId: keys.nodeBId };

const MASKED_HERE = 1;
const MESSAGE = 2;

/** What a packet has around its message. */
const OVERHEAD_BYTES = 87;

const writeKey = deriveKeys({
  secret: hex('02'.repeat(33)),
  challengeData: new Uint8Array(63),
  initiatorId: keys.nodeAId,
  recipientId: keys.nodeBId,
}).initiatorKey;

export const discv5: Target = {
  name: 'discv5',
  maxBytes: MAX_DISCV5_PACKET_BYTES + 20,
  words: [0, 1, 2, 3, 4, 5, 6].map((type) => Uint8Array.of(type)),
  seeds: () => [
    ...packets.flatMap(({ packet, decoded: { messageAd, message } }) => [
      concatBytes(Uint8Array.of(0), hex(packet)),
      concatBytes(Uint8Array.of(MASKED_HERE), hex(messageAd), hex(message)),
    ]),
    ...messages.map(({ message }) => concatBytes(Uint8Array.of(MESSAGE), hex(message))),
  ],
  run(input) {
    const rest = input.subarray(1);
    if (input[0] === MESSAGE) return readMessage(rest);
    return readPacket(input[0] === MASKED_HERE ? masked(rest) : rest);
  },
};

function readMessage(bytes: Uint8Array): Discv5Message | null {
  const message = faultOr(() => decodeDiscv5(bytes));
  if (!message) return null;
  const written = encodeDiscv5(message);
  demandEqual(decodeDiscv5(written), message, 'written out, it is the same');
  if (written.length > MAX_DISCV5_PACKET_BYTES - OVERHEAD_BYTES) return null;
  const nonce = new Uint8Array(12);
  const { datagram } = sealMessage(
    { ...sides, message, writeKey, nonce },
    seededRandom('fuzz'),
    chosenPrimitives,
  );
  const packet = readDiscv5Packet(datagram, keys.nodeBId, chosenPrimitives);
  demand(packet.kind === 'message', 'what we seal is a message');
  demandEqual(openMessage(packet, writeKey, chosenPrimitives), message, 'what we seal is read');
  return message;
}

function readPacket(datagram: Uint8Array) {
  const packet = faultOr(() => readDiscv5Packet(datagram, keys.nodeBId, chosenPrimitives));
  if (!packet) return null;
  const { nonce, ...authData } = packet;
  const isSafe = packet.kind !== 'whoareyou' || packet.recordSeq < Number.MAX_SAFE_INTEGER;
  const covered = packet.kind === 'whoareyou' ? packet.challengeData : packet.authenticated;
  if (isSafe)
    demand(
      sameBytes(encodeHeader(nonce, authData), covered.subarray(MASKING_IV_BYTES)),
      'its header, written out, is the same',
    );
  if (packet.kind === 'whoareyou') demand(covered.length === datagram.length, 'nothing follows');
  else faultOr(() => openMessage(packet, writeKey, chosenPrimitives));
  return packet;
}

/** Masking IV, header and message, all masked after the IV: the header is read as it is here, and no key opens the message. */
function masked(bytes: Uint8Array): Uint8Array {
  if (bytes.length < MASKING_IV_BYTES) return bytes;
  const iv = bytes.subarray(0, MASKING_IV_BYTES);
  const key = hex(keys.nodeBId).subarray(0, MASKING_IV_BYTES);
  return concatBytes(iv, chosenPrimitives.aes128Ctr(key, iv, bytes.subarray(MASKING_IV_BYTES)));
}

function faultOr<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Discv5Error) return null;
    throw error;
  }
}
