import { concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createPacketReader } from '../../../src/io/crypto/handshake-packet.ts';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import { type PublicKey, systemRandom } from '../../../src/io/crypto/primitives.ts';
import {
  type HandshakeFormat,
  makeAck,
  makeAuth,
  readAck,
  readAuth,
} from '../../../src/io/crypto/rlpx-handshake.ts';
import { WireError } from '../../../src/io/wire/error.ts';
import {
  encodeAckBody,
  encodeAuthBody,
  encodeLegacyAckBody,
  encodeLegacyAuthBody,
} from '../../../src/io/wire/handshake-message.ts';
import {
  countingPrimitives,
  forgeEcies,
  hex,
  type InvalidPoints,
  loadVectors,
  sealEcies,
  sizePrefix,
} from '../../support/crypto.ts';
import { affine, multiplesOf, multiplied } from '../../support/curve.ts';
import {
  ackNamed,
  alice,
  aliceAsPublished,
  bob,
  filler,
  honestAuthBody,
  keys,
  local,
  primitives,
  sealFor,
} from '../../support/handshake.ts';

const points = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');

describe('points that are none', () => {
  const bad = [
    ...points.small_order.map(({ order, point }) => [`C1: order ${order}`, point] as const),
    ...points.malformed
      .filter(({ bytes }) => bytes.length === 130)
      .map(({ why, bytes }) => [`C2, C3: ${why}`, bytes] as const),
  ];
  const offCurve = bad.filter(([, point]) => point.startsWith('04'));

  for (const [why, point] of bad)
    test(`as R of an auth or an ack: ${why}`, async () => {
      const counted = countingPrimitives(primitives);
      const watched = local(createNodeKey(hex(keys.staticKeyB), counted), systemRandom, counted);
      for (const [format, at] of [
        ['eip8', 2],
        ['legacy', 0],
      ] as const) {
        const packet = await sealFor(bob, encodeAuthBody(await honestAuthBody()), format);
        packet.set(hex(point), at);
        await expect(readAuth(watched, packet, format)).rejects.toMatchObject({
          fault: 'invalidPublicKey',
        });
      }
      expect(counted.count.ecdh).toBe(0);

      const sent = await makeAuth(aliceAsPublished('eip8'), bob.publicKey, 'eip8');
      const ack = ackNamed('ack2');
      ack.set(hex(point), 2);
      await expect(readAck(local(alice), sent, ack)).rejects.toMatchObject({
        fault: 'invalidPublicKey',
      });
    });

  for (const [why, point] of offCurve) {
    test(`as the initiator’s key: ${why}`, async () => {
      const counted = countingPrimitives(primitives);
      const watched = local(createNodeKey(hex(keys.staticKeyB), counted), systemRandom, counted);
      const body = { ...(await honestAuthBody()), initiatorPublicKey: hex(point).subarray(1) };
      for (const format of ['eip8', 'legacy'] as const) {
        const plaintext =
          format === 'eip8'
            ? encodeAuthBody(body)
            : encodeLegacyAuthBody({ ...body, ephemeralKeyHash: new Uint8Array(32) });
        counted.count.ecdh = 0;
        const packet = await sealFor(bob, plaintext, format);
        await expect(readAuth(watched, packet, format)).rejects.toMatchObject({
          fault: 'invalidPublicKey',
        });
        expect(counted.count.ecdh).toBe(1); // for the ECIES envelope, not for the bad key
      }
    });

    test(`as the key that a signature gives: ${why}`, async () => {
      const packet = await sealFor(bob, encodeAuthBody(await honestAuthBody()), 'eip8');
      const careless = { ...primitives, recover: () => hex(point) as PublicKey };
      await expect(
        readAuth(local(bob, systemRandom, careless), packet, 'eip8'),
      ).rejects.toMatchObject({ fault: 'invalidPublicKey' });
    });

    test(`as the ephemeral key of an ack: ${why}`, async () => {
      const body = { ephemeralPublicKey: hex(point).subarray(1), nonce: new Uint8Array(32) };
      for (const format of ['eip8', 'legacy'] as const) {
        const counted = countingPrimitives(primitives);
        const watched = local(createNodeKey(hex(keys.staticKeyA), counted), systemRandom, counted);
        const sent = await makeAuth(watched, bob.publicKey, format);
        counted.count.ecdh = 0;
        const plaintext = format === 'eip8' ? encodeAckBody(body) : encodeLegacyAckBody(body);
        const ack = await sealFor(alice, plaintext, format);
        await expect(readAck(watched, sent, ack)).rejects.toMatchObject({
          fault: 'invalidPublicKey',
        });
        expect(counted.count.ecdh).toBe(1);
      }
    });
  }

  for (const { order, b, point } of points.small_order.filter(({ order }) => order <= 13))
    test(`HandshakeECIESInvalidCurveOracle, C1: guessing the key modulo ${order} never gets an ack, though one guess is right`, async () => {
      const body = encodeAuthBody(await honestAuthBody());
      const multiples = multiplesOf(point, order, BigInt(b));
      const guesses = multiples.map((x) => {
        const bytes = hex(x.toString(16).padStart(64, '0'));
        const size = sizePrefix(body.length + 113);
        return concatBytes(size, sealEcies(hex(point), bytes, body, size));
      });
      const counted = countingPrimitives(primitives);
      const watched = local(createNodeKey(hex(keys.staticKeyB), counted), systemRandom, counted);
      let acks = 0;
      for (const guess of guesses) {
        const { packet } = createPacketReader('auth', { legacy: true }).read(guess, 0);
        await readAuth(watched, packet!.bytes, packet!.format)
          .then((received) => makeAck(watched, received))
          .then(() => acks++)
          .catch((error: unknown) => expect(error).toMatchObject({ fault: 'invalidPublicKey' }));
      }
      expect(guesses).toHaveLength(order);
      expect([acks, counted.count.ecdh]).toEqual([0, 0]);

      // a server that multiplied without looking would land on one of them
      const secret = BigInt(`0x${keys.staticKeyB}`);
      const unchecked = multiplied(affine(point), secret)?.x ?? 0n;
      expect(multiples[Number(secret % BigInt(order))]).toBe(unchecked);
    });
});

describe('bodies that are none', () => {
  test('C4: every plaintext of 0 to 20 bytes under a right tag is refused', async () => {
    for (let bytes = 0; bytes <= 20; bytes++)
      for (const format of ['eip8', 'legacy'] as const) {
        const packet = await sealFor(bob, new Uint8Array(bytes), format);
        await expect(readAuth(local(bob), packet, format)).rejects.toBeInstanceOf(WireError);
      }
  });

  test('C4: every packet of 0 to 122 bytes with a tag right for what is left is refused', async () => {
    const shared = await primitives.ecdh(filler.secret, bob.publicKey);
    const point = primitives.publicKeyOf(filler.secret);
    for (let bytes = 0; bytes <= 120; bytes++) {
      const size = sizePrefix(bytes);
      const forged = forgeEcies(point, shared, new Uint8Array(Math.max(0, bytes - 97)), size);
      const packet = concatBytes(size, forged.subarray(0, bytes));
      await expect(readAuth(local(bob), packet, 'eip8')).rejects.toMatchObject({
        fault: bytes < 113 ? 'undecryptable' : 'malformedHandshake',
      });
    }
  });

  test('any body under a right tag is read or refused', async () => {
    const honest = encodeAuthBody(await honestAuthBody());
    const legacy = encodeLegacyAuthBody({
      ...(await honestAuthBody()),
      ephemeralKeyHash: new Uint8Array(32),
    });
    const damaged = (bytes: Uint8Array) =>
      fc
        .tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(bytes.length))
        .map(([at, change, end]) => {
          const copy = bytes.slice(0, Math.max(end, at + 1));
          copy[at]! ^= change;
          return copy;
        });
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 250 }),
      damaged(honest),
      damaged(legacy),
      fc.uint8Array({ maxLength: 40 }).map((rest) => concatBytes(honest, rest)),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('eip8', 'legacy'), async (plaintext, format) => {
        const packet = await sealFor(bob, plaintext, format as HandshakeFormat);
        try {
          await readAuth(local(bob), packet, format as HandshakeFormat);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('any bytes as an auth or an ack are read or refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.boolean(),
        async (bytes, isPointed) => {
          if (isPointed) bytes.set(primitives.publicKeyOf(filler.secret).subarray(0, bytes.length));
          for (const format of ['eip8', 'legacy'] as const)
            await expect(readAuth(local(bob), bytes, format)).rejects.toBeInstanceOf(WireError);
        },
      ),
      { numRuns: 100 },
    );
    const ack = async (bytes: Uint8Array) => {
      const sent = await makeAuth(aliceAsPublished('eip8'), bob.publicKey, 'eip8');
      return readAck(local(alice), sent, bytes);
    };
    for (const bytes of [0, 1, 2, 3, 114, 115, 210, 307])
      await expect(ack(new Uint8Array(bytes).fill(4))).rejects.toBeInstanceOf(WireError);
  });

  test('a failed ack wipes the ephemeral secret and cannot be tried again', async () => {
    const sent = await makeAuth(local(alice), bob.publicKey, 'eip8');
    await expect(readAck(local(alice), sent, new Uint8Array(9))).rejects.toBeInstanceOf(WireError);
    await expect(readAck(local(alice), sent, ackNamed('ack2'))).rejects.toBeInstanceOf(TypeError);
  });
});
