import { concatBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';

import { createPacketReader } from '../../../src/io/crypto/handshake-packet.ts';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import { type Primitives, systemRandom } from '../../../src/io/crypto/primitives.ts';
import { publicKeyHex, rawPublicKey } from '../../../src/io/crypto/public-key.ts';
import { createFrameReader, createFrameWriter } from '../../../src/io/crypto/rlpx-frame.ts';
import {
  type HandshakeFormat,
  makeAck,
  makeAuth,
  readAck,
  readAuth,
  type Session,
} from '../../../src/io/crypto/rlpx-handshake.ts';
import { takeEgress, takeIngress } from '../../../src/io/crypto/rlpx-session.ts';
import {
  encodeAckBody,
  encodeAuthBody,
  encodeLegacyAuthBody,
} from '../../../src/io/wire/handshake-message.ts';
import {
  countingPrimitives,
  digestOf,
  hex,
  scriptedRandom,
  sizePrefix,
  toHex,
} from '../../support/crypto.ts';
import { negatedPoint } from '../../support/curve.ts';
import {
  ackNamed,
  alice,
  aliceAsPublished,
  authNamed,
  bob,
  bobAsPublished,
  draws,
  filler,
  formatOf,
  honestAuthBody,
  keys,
  local,
  primitives,
  sealFor,
  vectors,
} from '../../support/handshake.ts';

describe('HandshakeForwardCompatibility: EIP-8 vectors', () => {
  for (const { name, packet } of vectors.eip8.auth)
    test(`the recipient reads ${name}`, async () => {
      const received = await readAuth(local(bob), hex(packet), formatOf(name));
      expect(publicKeyHex(received.remoteKey)).toBe(vectors.eip8.derivedPublic.staticPubA);
      expect(received.format).toBe(formatOf(name));
    });

  for (const { name } of vectors.eip8.ack)
    test(`the initiator reads ${name}, and both sides agree on the secrets`, async () => {
      const sent = await makeAuth(aliceAsPublished('eip8'), bob.publicKey, 'eip8');
      const session = await readAck(local(alice), sent, ackNamed(name));
      const expected = vectors.eip8.secrets.find(({ ack }) => ack === name)!;
      const egress = takeEgress(session);
      const ingress = takeIngress(session);
      expect(toHex(egress.aesSecret)).toBe(expected.aesSecret);
      expect(toHex(egress.macSecret)).toBe(expected.macSecret);
      expect(toHex(digestOf(ingress.mac))).toBe(expected.initiatorA.ingressMacInitialDigest);
      ingress.mac.update(new TextEncoder().encode('foo'));
      expect(toHex(digestOf(ingress.mac))).toBe(expected.initiatorA.ingressMacFoo);
      expect(digestOf(egress.mac)).toEqual(seeded(expected.macSecret, keys.nonceB, sent.packet));
    });

  for (const { auth, aesSecret, macSecret, recipientB } of vectors.eip8.secrets)
    test(`as recipient of ${auth}: secrets and the MAC of what comes in`, async () => {
      const format = formatOf(auth);
      const received = await readAuth(local(bob), hex(authNamed(auth).packet), format);
      const { packet, session } = await makeAck(bobAsPublished(format), received);
      const ingress = takeIngress(session);
      expect(toHex(ingress.aesSecret)).toBe(aesSecret);
      expect(toHex(ingress.macSecret)).toBe(macSecret);
      expect(toHex(digestOf(ingress.mac))).toBe(recipientB.ingressMacInitialDigest);
      ingress.mac.update(new TextEncoder().encode('foo'));
      expect(toHex(digestOf(ingress.mac))).toBe(recipientB.ingressMacFoo);
      const egress = takeEgress(session);
      expect(digestOf(egress.mac)).toEqual(seeded(macSecret, keys.nonceA, packet));
    });

  for (const vector of vectors.negative.filter(({ recipientKey }) => recipientKey !== undefined)) {
    const isOffCurve = vector.name.includes('curve-point');
    const known = isOffCurve ? 'HandshakeECIESInvalidCurveOracle, ' : '';
    test(`${known}C1, C2: refused: ${vector.name}`, async () => {
      const key = createNodeKey(hex(vector.recipientKey!), primitives);
      await expect(readAuth(local(key), hex(vector.packet), 'eip8')).rejects.toMatchObject({
        fault: isOffCurve ? 'invalidPublicKey' : 'undecryptable',
      });
    });
  }
});

describe('the handshake from before EIP-8', () => {
  const gist = vectors.legacyPreEip8;
  const initiator = createNodeKey(hex(gist.initiatorPrivateKey), primitives);
  const receiver = createNodeKey(hex(gist.receiverPrivateKey), primitives);

  test('the published auth and ack give the published secrets to the recipient', async () => {
    const received = await readAuth(local(receiver), hex(gist.authCiphertext), 'legacy');
    expect(received.remoteKey).toEqual(initiator.publicKey);
    const random = draws(gist.receiverNonce, gist.receiverEphemeralPrivateKey, 'legacy');
    const { packet, session } = await makeAck(local(receiver, random), received);
    expect(packet).toHaveLength(210);
    const { aesSecret, macSecret, mac } = takeIngress(session);
    expect(toHex(aesSecret)).toBe(gist.aesSecret);
    expect(toHex(macSecret)).toBe(gist.macSecret);
    expect(toHex(digestOf(mac))).toBe(gist.initialEgressMAC);
  });

  test('the published ack gives the published secrets to the initiator', async () => {
    const random = draws(gist.initiatorNonce, gist.initiatorEphemeralPrivateKey, 'legacy');
    const sent = await makeAuth(local(initiator, random), receiver.publicKey, 'legacy');
    expect(sent.packet).toHaveLength(307);
    const session = await readAck(local(initiator), sent, hex(gist.authrespCiphertext));
    const { aesSecret, macSecret, mac } = takeIngress(session);
    expect(toHex(aesSecret)).toBe(gist.aesSecret);
    expect(toHex(macSecret)).toBe(gist.macSecret);
    expect(toHex(digestOf(mac))).toBe(gist.initialIngressMAC);
  });

  test('an auth signed by another ephemeral key than the one it announces is refused', async () => {
    const plaintext = encodeLegacyAuthBody({
      ...(await honestAuthBody()),
      ephemeralKeyHash: new Uint8Array(32),
    });
    await expect(
      readAuth(local(bob), await sealFor(bob, plaintext, 'legacy'), 'legacy'),
    ).rejects.toMatchObject({ fault: 'unrecoverableSignature' });
  });
});

describe('both roles', () => {
  for (const format of ['eip8', 'legacy'] as const) {
    test(`Handshake: frames pass in both directions after one (${format})`, async () => {
      const { aliceSession, bobSession } = await shakeHands(format);
      expect(exchanged(aliceSession, bobSession)).toBe(true);
    });

    test(`C6: four multiplications for each side (${format})`, async () => {
      const [counted, countedToo] = [countingPrimitives(), countingPrimitives()];
      const initiator = local(createNodeKey(hex(keys.staticKeyA), counted), systemRandom, counted);
      const recipient = local(
        createNodeKey(hex(keys.staticKeyB), countedToo),
        systemRandom,
        countedToo,
      );
      const sent = await makeAuth(initiator, bob.publicKey, format);
      const { packet } = await makeAck(recipient, await readAuth(recipient, sent.packet, format));
      await readAck(initiator, sent, packet);
      expect([counted.count.ecdh, countedToo.count.ecdh]).toEqual([4, 4]);
    });
  }

  for (const legacy of [true, false])
    test(`C6: an EIP-8 peer costs the same with legacy ${legacy ? 'on' : 'off'}`, async () => {
      const counted = countingPrimitives(primitives);
      const watched = local(createNodeKey(hex(keys.staticKeyB), counted), systemRandom, counted);
      const bytes = hex(authNamed('auth2').packet);
      const { packet } = createPacketReader('auth', { legacy }).read(bytes, 0);
      await makeAck(watched, await readAuth(watched, packet!.bytes, packet!.format));
      expect(counted.count.ecdh).toBe(4);
    });

  test('EIP-8 packets announce their size and carry 100 to 199 zero bytes of padding', async () => {
    for (const [pad, bytes] of [
      [0, 100],
      [99, 199],
      [100, 100],
      [255, 155],
    ] as const) {
      const random = scriptedRandom(
        new Uint8Array(32),
        filler.secret,
        Uint8Array.of(pad),
        filler.secret,
        filler.iv,
      );
      const { packet } = await makeAuth(local(alice, random), bob.publicKey, 'eip8');
      expect(packet.subarray(0, 2)).toEqual(sizePrefix(packet.length - 2));
      expect(packet).toHaveLength(2 + 113 + encodeAuthBody(await honestAuthBody()).length + bytes);
    }
  });

  test('an EIP-8 ack of 1,024 bytes or more is not taken for an old one', async () => {
    const ephemeralPublicKey = rawPublicKey(primitives.publicKeyOf(filler.secret));
    const body = encodeAckBody({ ephemeralPublicKey, nonce: new Uint8Array(32) });
    const padding = new Uint8Array(0x0410 - 113 - body.length);
    const ack = await sealFor(alice, concatBytes(body, padding), 'eip8');
    expect(ack[0]).toBe(4);
    const sent = await makeAuth(local(alice), bob.publicKey, 'eip8');
    expect(takeIngress(await readAck(local(alice), sent, ack)).aesSecret).toHaveLength(32);
  });

  test('a step can be taken once', async () => {
    const sent = await makeAuth(local(alice), bob.publicKey, 'eip8');
    const received = await readAuth(local(bob), sent.packet, 'eip8');
    const { packet } = await makeAck(local(bob), received);
    await expect(makeAck(local(bob), received)).rejects.toBeInstanceOf(TypeError);
    await readAck(local(alice), sent, packet);
    await expect(readAck(local(alice), sent, packet)).rejects.toBeInstanceOf(TypeError);
  });

  test('nothing of it can be serialised', async () => {
    const sent = await makeAuth(local(alice), bob.publicKey, 'eip8');
    const received = await readAuth(local(bob), sent.packet, 'eip8');
    const { session } = await makeAck(local(bob), received);
    expect(JSON.stringify([sent, received, session])).toBe('["[auth]","[auth]","[session]"]');
  });

  test('C15: ephemeral and shared secrets are zeroed when the handshake ends', async () => {
    const secrets: Uint8Array[] = [];
    const watching: Primitives = {
      ...primitives,
      async ecdh(...inputs) {
        const x = await primitives.ecdh(...inputs);
        secrets.push(x);
        return x;
      },
      isSecretKey(secret) {
        secrets.push(secret);
        return primitives.isSecretKey(secret);
      },
    };
    const watched = (secret: string) =>
      local(createNodeKey(hex(secret), watching), systemRandom, watching);
    const [initiator, recipient] = [watched(keys.staticKeyA), watched(keys.staticKeyB)];
    secrets.length = 0; // the node keys themselves stay
    const sent = await makeAuth(initiator, bob.publicKey, 'eip8');
    const { packet } = await makeAck(recipient, await readAuth(recipient, sent.packet, 'eip8'));
    await readAck(initiator, sent, packet);
    expect(secrets).toHaveLength(12);
    for (const secret of secrets) expect(secret).toEqual(new Uint8Array(32));
  });

  test('C16: a relay that negates R gets an ack, and then the recipient refuses the first frame', async () => {
    const sent = await makeAuth(local(alice), bob.publicKey, 'eip8');
    const relayed = sent.packet.slice();
    relayed.set(negatedPoint(relayed.subarray(2, 67)), 2);
    const received = await readAuth(local(bob), relayed, 'eip8');
    const { packet, session } = await makeAck(local(bob), received);
    const aliceSession = await readAck(local(alice), sent, packet);
    const hello = createFrameWriter(aliceSession, primitives).seal(0, hex('c0'));
    const reader = createFrameReader(session, primitives, 2048);
    expect(() => reader.read(hello, 0)).toThrow(expect.objectContaining({ fault: 'badHeaderMac' }));
  });

  test('the bytes of an auth may be reused by the caller', async () => {
    const sent = await makeAuth(local(alice), bob.publicKey, 'eip8');
    const bytes = sent.packet.slice();
    const received = await readAuth(local(bob), bytes, 'eip8');
    bytes.fill(0);
    const { packet, session } = await makeAck(local(bob), received);
    expect(exchanged(await readAck(local(alice), sent, packet), session)).toBe(true);
  });
});

/** devp2p/rlpx.md, "MAC", for the direction whose packet is ours: its envelope is random, so not published. */
function seeded(macSecret: string, nonce: string, packet: Uint8Array): Uint8Array {
  const seed = hex(macSecret).map((byte, i) => byte ^ hex(nonce)[i]!);
  return primitives.keccak256(seed, packet);
}

async function shakeHands(format: HandshakeFormat) {
  const sent = await makeAuth(local(alice), bob.publicKey, format);
  const received = await readAuth(local(bob), sent.packet, format);
  const { packet, session: bobSession } = await makeAck(local(bob), received);
  const aliceSession = await readAck(local(alice), sent, packet);
  return { aliceSession, bobSession };
}

/** Whether a frame of each side is read by the other. */
function exchanged(ours: Session, theirs: Session): boolean {
  const ends = [ours, theirs].map((session) => ({
    writer: createFrameWriter(session, primitives),
    reader: createFrameReader(session, primitives, 2048),
  }));
  return [ends, [...ends].reverse()].every(([from, to]) => {
    const { frame } = to!.reader.read(from!.writer.seal(1, hex('c104')), 0);
    return frame?.code === 1 && toHex(frame.payload) === 'c104';
  });
}
