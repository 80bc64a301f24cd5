/** Everything before the first frame. Envelopes are sealed again after each change, because noise never passes a tag. */
import { concatBytes } from '@noble/hashes/utils.js';

import { decrypt } from '../../src/io/crypto/ecies.ts';
import { createPacketReader } from '../../src/io/crypto/handshake-packet.ts';
import { rawPublicKey } from '../../src/io/crypto/public-key.ts';
import { makeAck, makeAuth, readAck, readAuth } from '../../src/io/crypto/rlpx-handshake.ts';
import { WireError, type WireFault } from '../../src/io/wire/error.ts';
import {
  decodeAckBody,
  decodeAuthBody,
  decodeLegacyAckBody,
  decodeLegacyAuthBody,
  encodeAckBody,
  encodeAuthBody,
  encodeLegacyAckBody,
  encodeLegacyAuthBody,
} from '../../src/io/wire/handshake-message.ts';
import {
  hex,
  type InvalidPoints,
  loadVectors,
  pieces,
  rememberingPrimitives,
  seededRandom,
} from '../support/crypto.ts';
import {
  ackNamed,
  alice,
  aliceAsPublished,
  authNamed,
  bob,
  honestAuthBody,
  keys,
  local,
  primitives,
  sealFor,
} from '../support/handshake.ts';
import { ByteSource } from './byte-source.ts';
import { demand, demandEqual, faultOr, faultOrLater, type Target } from './target.ts';

const PACKET_FAULTS = ['handshakeSizeOutOfRange', 'invalidPublicKey'] as const;

/** Points that are none, without their first byte, and one that is. */
const POINTS = [
  ...loadVectors<InvalidPoints>('invalid-secp256k1-points.json').small_order.map(({ point }) =>
    hex(point).subarray(1),
  ),
  rawPublicKey(alice.publicKey),
  rawPublicKey(bob.publicKey),
];

/** A byte of settings, the size of the pieces, then the stream. */
export const packetReader: Target = {
  name: 'packet-reader',
  maxBytes: 2400,
  words: [...POINTS.slice(-2), hex('0071'), hex('0800'), hex('04')],
  seeds: () => [
    concatBytes(hex('0010'), hex(authNamed('auth1').packet)),
    concatBytes(hex('0111'), hex(authNamed('auth2').packet)),
    concatBytes(hex('0307'), ackNamed('ack2')),
    concatBytes(
      hex('0201'),
      hex('0400'),
      Uint8Array.of(4),
      rawPublicKey(bob.publicKey),
      new Uint8Array(1000),
    ),
  ],
  run(input) {
    const source = new ByteSource(input);
    const settings = source.byte();
    const size = 1 + source.byte();
    const kind = settings & 2 ? 'ack' : 'auth';
    const read = (stream: Uint8Array, pieceBytes: number) => {
      const reader = createPacketReader(kind, { legacy: (settings & 1) === 1 });
      let taken = 0;
      for (const piece of pieces(stream, pieceBytes)) {
        try {
          const { offset, packet } = reader.read(piece, 0);
          taken += offset;
          if (packet) return { taken, packet };
          demand(offset === piece.length, 'without a packet all is taken');
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          demand(
            faultOr(PACKET_FAULTS, () => reader.read(piece, 0)) === null,
            'a fault stays a fault',
          );
          return { fault: error.fault };
        }
      }
      return null;
    };
    const stream = source.rest();
    const whole = read(stream, Math.max(1, stream.length));
    demandEqual(read(stream, size), whole, 'however it is cut, it is the same');
    if (whole?.packet) {
      demandEqual(
        whole.packet.bytes,
        stream.subarray(0, whole.taken),
        'bytes are kept as they came',
      );
      demand(whole.taken <= 2050, 'a packet is bounded');
    }
    return whole;
  },
};

const DECRYPT_FAULTS = ['undecryptable', 'invalidPublicKey'] as const;

/** Whole envelopes, as a remote without keys can send them. */
export const eciesRaw: Target = {
  name: 'ecies-raw',
  maxBytes: 400,
  words: [...POINTS, hex('04')],
  seeds: async () => [(await sealFor(bob, new Uint8Array(200), 'eip8')).subarray(2)],
  async run(input) {
    const recalling = rememberless.next();
    const held = await faultOrLater(
      DECRYPT_FAULTS,
      decrypt(recalling.bob, input, new Uint8Array(0), recalling.primitives),
    );
    demand(held === null, 'without its tag nothing is decrypted');
    return held;
  },
};

/** Keys whose memory of multiplications is thrown away from time to time, because inputs without number would fill it. */
class Rememberless {
  #uses = 0;
  #primitives = rememberingPrimitives();

  next() {
    this.#uses += 1;
    if (this.#uses % FORGET_AFTER === 0) this.#primitives = rememberingPrimitives();
    const by = this.#primitives;
    const keyed = (secret: string) => ({
      ecdh: (point: Parameters<typeof by.ecdh>[1]) => by.ecdh(hex(secret), point),
    });
    return {
      primitives: by,
      alice: { ...alice, ...keyed(keys.staticKeyA) },
      bob: { ...bob, ...keyed(keys.staticKeyB) },
    };
  }
}

/** Inputs between two clean-outs: a new multiplication for some of them costs little, and their memory stays small. */
const FORGET_AFTER = 2_000;

const rememberless = new Rememberless();

const AUTH_FAULTS: readonly WireFault[] = [
  ...([
    'undecryptable',
    'invalidPublicKey',
    'malformedHandshake',
    'unrecoverableSignature',
  ] as const),
];

/** The format before EIP-8 is tried for every sixteenth length, its own among them. */
const LEGACY_AUTH_BYTES = 194;
const LEGACY_ACK_BYTES = 97;

/** The plaintext, of any length, none included (C4). */
export const auth: Target = {
  name: 'auth-sealed',
  maxBytes: 1900,
  isRlp: true,
  words: POINTS,
  async seeds() {
    const body = await honestAuthBody();
    const padding = new Uint8Array(120);
    const legacy = encodeLegacyAuthBody({
      ...body,
      ephemeralKeyHash: primitives.keccak256(
        rawPublicKey(primitives.publicKeyOf(hex(keys.ephemeralKeyA))),
      ),
    });
    return [
      concatBytes(encodeAuthBody(body), padding),
      encodeAuthBody(body),
      legacy,
      new Uint8Array(0),
      new Uint8Array(2),
    ];
  },
  async run(input) {
    const format = input.length % 16 === LEGACY_AUTH_BYTES % 16 ? 'legacy' : 'eip8';
    const packet = await sealFor(bob, input, format);
    const recalling = rememberless.next();
    const us = local(recalling.bob, seededRandom('bob'), recalling.primitives);
    const received = await faultOrLater(AUTH_FAULTS, readAuth(us, packet, format));
    if (received === null) return null;
    const decode = format === 'eip8' ? decodeAuthBody : decodeLegacyAuthBody;
    demandEqual(
      rawPublicKey(received.remoteKey),
      decode(input).initiatorPublicKey,
      'it is who it says it is',
    );
    const { session } = await makeAck(us, received);
    return session;
  },
};

/** The same for an ack, on the side that dialled. */
export const ack: Target = {
  name: 'ack-sealed',
  maxBytes: 1900,
  isRlp: true,
  words: POINTS,
  seeds: () => {
    const body = { ephemeralPublicKey: rawPublicKey(bob.publicKey), nonce: hex(keys.nonceB) };
    return [
      concatBytes(encodeAckBody(body), new Uint8Array(120)),
      encodeAckBody(body),
      encodeLegacyAckBody(body),
      new Uint8Array(0),
      new Uint8Array(1),
    ];
  },
  async run(input) {
    const format = input.length % 16 === LEGACY_ACK_BYTES % 16 ? 'legacy' : 'eip8';
    const packet = await sealFor(alice, input, format);
    const recalling = rememberless.next();
    const sent = await makeAuth(aliceAsPublished(format), bob.publicKey, format);
    const us = local(recalling.alice, seededRandom('alice'), recalling.primitives);
    const session = await faultOrLater(AUTH_FAULTS, readAck(us, sent, packet));
    const decode = format === 'eip8' ? decodeAckBody : decodeLegacyAckBody;
    const body = faultOr(['malformedHandshake'], () => decode(input));
    demand(body !== null || session === null, 'what is no ack makes no session');
    return session;
  },
};
