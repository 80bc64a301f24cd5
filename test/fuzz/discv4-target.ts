/** Datagrams of discovery v4. A byte of settings says whether they are signed anew, because noise has no right hash. */
import { concatBytes } from '@noble/hashes/utils.js';

import {
  MAX_PACKET_BYTES,
  PacketError,
  readPacket,
  sealPacket,
  senderOf,
} from '../../src/io/crypto/discv4-packet.ts';
import {
  type Discv4Message,
  decodeDiscv4,
  encodeDiscv4,
} from '../../src/io/wire/discv4-message.ts';
import { hex, loadVectors } from '../support/crypto.ts';
import { keyOf } from '../support/world.ts';
import { demand, demandEqual, faultOr, type Target } from './target.ts';

type Vectors = { readonly valid: readonly { readonly packet: string }[] };

const SIGNED_ANEW = 1;
const HEAD_BYTES = 97;

export const discv4: Target = {
  name: 'discv4',
  maxBytes: MAX_PACKET_BYTES + 20,
  words: [1, 2, 3, 4, 5, 6].map((type) => Uint8Array.of(type)),
  seeds: () =>
    loadVectors<Vectors>('discv4-packets.json').valid.flatMap(({ packet }) => [
      concatBytes(Uint8Array.of(0), hex(packet)),
      concatBytes(Uint8Array.of(SIGNED_ANEW), hex(packet).subarray(HEAD_BYTES)),
    ]),
  run(input) {
    const rest = input.subarray(1);
    if (input[0] !== SIGNED_ANEW) return packetErrorOr(() => senderOf(readPacket(rest)));
    const message = faultOr(['malformedRlp'], () => decodeDiscv4(rest));
    return message && signedAnew(message);
  },
};

/** Further items are left out when it is written, so it gets no longer. */
function signedAnew(message: Discv4Message) {
  demandEqual(decodeDiscv4(encodeDiscv4(message)), message, 'written out, it is the same');
  if (encodeDiscv4(message).length > MAX_PACKET_BYTES - HEAD_BYTES) return null;
  const { datagram, hash } = sealPacket(message, keyOf(1));
  const read = packetErrorOr(() => readPacket(datagram));
  demand(read !== null, 'what we seal is read');
  demandEqual([read.message, read.hash], [message, hash], 'it is the same');
  return read;
}

function packetErrorOr<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof PacketError) return null;
    throw error;
  }
}
