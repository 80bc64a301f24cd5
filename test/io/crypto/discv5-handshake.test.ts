import { describe, expect, test } from 'vitest';

import {
  openHandshake,
  type SentChallenge,
  sealHandshake,
} from '../../../src/io/crypto/discv5-handshake.ts';
import { messageNonce, signIdNonce } from '../../../src/io/crypto/discv5-keys.ts';
import {
  type HandshakePacket,
  openMessage,
  readDiscv5Packet,
  sealMessage,
  sealWhoareyou,
  type WhoareyouPacket,
} from '../../../src/io/crypto/discv5-packet.ts';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import { type NodeRecord, readRecord, signRecord } from '../../../src/io/crypto/node-record.ts';
import { compressedPublicKey } from '../../../src/io/crypto/public-key.ts';
import type { Discv5Message } from '../../../src/io/wire/discv5-message.ts';
import {
  hex,
  type InvalidPoints,
  loadVectors,
  rememberingPrimitives,
  scriptedRandom,
  seededRandom,
  toHex,
} from '../../support/crypto.ts';
import { EVERY_SET } from '../../support/primitive-sets.ts';

type Vectors = {
  readonly keys: { readonly nodeAKey: string; readonly nodeBKey: string };
  readonly packets: readonly {
    readonly name: string;
    readonly inputs: Readonly<Record<string, string>>;
    readonly packet: string;
    readonly decoded: {
      readonly initiatorKey?: string;
      readonly recipientKey?: string;
      readonly recordEnr?: string;
      readonly record?: string;
    };
  }[];
};
const { keys, packets } = loadVectors<Vectors>('discv5-wire.json');
const { malformed } = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');

/** Node A's record of the vectors, with sequence number 1. */
const recordOfA = readRecord(
  hex(packets.find(({ name }) => name === 'ping-handshake-enr')!.decoded.record!),
);

describe.each(EVERY_SET)('published handshakes: %s', (_, primitives) => {
  const a = createNodeKey(hex(keys.nodeAKey), primitives);
  const b = createNodeKey(hex(keys.nodeBKey), primitives);

  for (const { name, inputs, packet, decoded } of packets.filter(
    ({ decoded: { initiatorKey } }) => initiatorKey,
  )) {
    const hasRecord = decoded.recordEnr !== undefined;
    const challengeData = hex(inputs['whoareyou.challenge-data']!);
    const message: Discv5Message = {
      type: 'ping',
      requestId: inputs['ping.req-id']!,
      recordSeq: Number(inputs['ping.enr-seq']),
    };

    test(`${name} is opened`, async () => {
      const read = readDiscv5Packet(hex(packet), b.id, primitives) as HandshakePacket;
      const record = hasRecord ? null : recordOfA;
      const opened = await openHandshake(read, { challengeData, record }, b, primitives);
      expect(opened.message).toEqual(message);
      expect(opened.record).toEqual(recordOfA);
      expect(toHex(opened.keys.readKey)).toBe(decoded.initiatorKey);
      expect(toHex(opened.keys.writeKey)).toBe(decoded.recipientKey);
    });

    test(`${name} is written the same`, async () => {
      const challenge: WhoareyouPacket = {
        kind: 'whoareyou',
        challengeData,
        nonce: hex(inputs['whoareyou.request-nonce']!),
        idNonce: hex(inputs['whoareyou.id-nonce']!),
        recordSeq: Number(inputs['whoareyou.enr-seq']),
      };
      const ephemeral = hex(inputs['ephemeral-key']!);
      const iv = new Uint8Array(16);
      // the vectors' nonce has no counter: its last eight bytes are random here, its first four are replaced
      const random = scriptedRandom(ephemeral, hex('ff'.repeat(8)), iv);
      const given = { challenge, message, key: a, record: recordOfA, recipient: b.publicKey };
      const { datagram, nonce, keys: made } = await sealHandshake(given, random, primitives);
      expect(toHex(nonce)).toBe(`00000000${'ff'.repeat(8)}`);
      const [ours, theirs] = [datagram, hex(packet)].map((bytes) => {
        const read = readDiscv5Packet(bytes, b.id) as HandshakePacket;
        const { nonce: _nonce, authenticated: _header, sealed: _sealed, ...authData } = read;
        return { ...authData, message: openMessage(read, made.writeKey) };
      });
      expect(ours).toEqual(theirs);
      expect(toHex(made.readKey)).toBe(decoded.recipientKey);
      expect(toHex(made.writeKey)).toBe(decoded.initiatorKey);
    });
  }
});

const primitives = rememberingPrimitives();
const alice = createNodeKey(new Uint8Array(32).fill(1), primitives);
const bob = createNodeKey(new Uint8Array(32).fill(2), primitives);
const mallory = createNodeKey(new Uint8Array(32).fill(3), primitives);
const recordOf = (key: typeof alice, seq = 5): NodeRecord =>
  signRecord({ seq, entries: new Map() }, key);
const PING: Discv5Message = { type: 'ping', requestId: '07', recordSeq: 5 };

/** Alice's answer to a challenge of bob, and what bob keeps of it. */
async function handshake({ known = null as NodeRecord | null, seed = 'handshake' } = {}) {
  const random = seededRandom(seed);
  const nonce = new Uint8Array(12).fill(1);
  const { datagram, challengeData } = sealWhoareyou(
    { nonce, recordSeq: known?.seq ?? 0, recipientId: alice.id },
    random,
    primitives,
  );
  const challenge = readDiscv5Packet(datagram, alice.id) as WhoareyouPacket;
  expect(challenge.challengeData).toEqual(challengeData);
  const answer = await sealHandshake(
    { challenge, message: PING, key: alice, record: recordOf(alice), recipient: bob.publicKey },
    random,
    primitives,
  );
  const packet = readDiscv5Packet(answer.datagram, bob.id) as HandshakePacket;
  const sent: SentChallenge = { challengeData, record: known };
  return { packet, sent, keys: answer.keys };
}

const openedBy = (packet: HandshakePacket, sent: SentChallenge, key = bob) =>
  openHandshake(packet, sent, key, primitives);
const fault = (name: string) => expect.objectContaining({ name: 'Discv5Error', fault: name });

describe('a handshake', () => {
  test('gives both sides the keys of one session, in both directions', async () => {
    const { packet, sent, keys: ours } = await handshake();
    const { keys: theirs, message, record } = await openedBy(packet, sent);
    expect([message, record.id]).toEqual([PING, alice.id]);
    expect([ours.writeKey, ours.readKey]).toEqual([theirs.readKey, theirs.writeKey]);
    const random = seededRandom('answer');
    const pong: Discv5Message = { ...PING, type: 'pong', host: '192.0.2.1', udpPort: 9 };
    const nonce = messageNonce(0, random);
    const { datagram } = sealMessage(
      {
        message: pong,
        writeKey: theirs.writeKey,
        nonce,
        sourceId: bob.id,
        recipientId: alice.id,
      },
      random,
      primitives,
    );
    const read = readDiscv5Packet(datagram, alice.id);
    if (read.kind !== 'message') throw new Error(read.kind);
    expect(openMessage(read, ours.readKey, primitives)).toEqual(pong);
  });

  test('has the record when the challenge names none or an older one, and not otherwise', async () => {
    expect((await handshake()).packet.record).toEqual(recordOf(alice).bytes);
    expect((await handshake({ known: recordOf(alice, 4) })).packet.record).not.toBeNull();
    expect((await handshake({ known: recordOf(alice, 5) })).packet.record).toBeNull();
    expect((await handshake({ known: recordOf(alice, 6) })).packet.record).toBeNull();
  });

  test('without a record is opened with the one that is known', async () => {
    const known = recordOf(alice, 5);
    const { packet, sent } = await handshake({ known });
    expect((await openedBy(packet, sent)).record).toBe(known);
  });

  test('with an older record than the one that is known leaves that one', async () => {
    const { packet, sent } = await handshake();
    const known = recordOf(alice, 6);
    expect((await openedBy(packet, { ...sent, record: known })).record).toBe(known);
  });

  test('differs each time', async () => {
    const [one, other] = [await handshake(), await handshake({ seed: 'another' })];
    expect(one.packet.ephemeralKey).not.toEqual(other.packet.ephemeralKey);
    expect(one.keys).not.toEqual(other.keys);
  });
});

describe('each fault of a handshake has its name', () => {
  test('no record was sent and none is known', async () => {
    const { packet, sent } = await handshake();
    const bare = { ...packet, record: null };
    await expect(openedBy(bare, sent)).rejects.toThrow(fault('recordMissing'));
  });

  test('the record cannot be read, or its signature is wrong', async () => {
    const { packet, sent } = await handshake();
    const unsigned = packet.record!.slice();
    unsigned[10]! ^= 1;
    for (const record of [hex('c0'), hex('01'), new Uint8Array(301), unsigned])
      await expect(openedBy({ ...packet, record }, sent)).rejects.toThrow(fault('badRecord'));
  });

  test('the record is of another node', async () => {
    const { packet, sent } = await handshake();
    const record = recordOf(mallory);
    for (const [changed, known] of [
      [{ ...packet, record: record.bytes }, null],
      [{ ...packet, record: null }, record],
      [{ ...packet, sourceId: mallory.id }, null],
    ] as const)
      await expect(openedBy(changed, { ...sent, record: known })).rejects.toThrow(
        fault('recordOfOtherNode'),
      );
  });

  test('the answer is to another challenge, or to a challenge of another node', async () => {
    const { packet, sent } = await handshake();
    const { sent: other } = await handshake({ seed: 'another' });
    await expect(openedBy(packet, other)).rejects.toThrow(fault('badIdSignature'));
    await expect(openedBy(packet, sent, mallory)).rejects.toThrow(fault('badIdSignature'));
    const idSignature = new Uint8Array(64);
    await expect(openedBy({ ...packet, idSignature }, sent)).rejects.toThrow(
      fault('badIdSignature'),
    );
  });

  test('C1: a key that is no point never meets our secret', async () => {
    const { packet, sent } = await handshake();
    const offCurve = malformed.find(({ why }) => why === 'compressed, x has no y')!;
    let multiplications = 0;
    const counted: typeof bob = {
      ...bob,
      ecdhPoint(point) {
        multiplications += 1;
        return bob.ecdhPoint(point);
      },
    };
    for (const ephemeralKey of [
      hex(offCurve.bytes),
      new Uint8Array(33).fill(4),
      new Uint8Array(33),
    ]) {
      const proof = {
        challengeData: sent.challengeData,
        ephemeralKey,
        recipientId: bob.id,
      };
      const changed = { ...packet, ephemeralKey, idSignature: signIdNonce(proof, alice) };
      await expect(openedBy(changed, sent, counted)).rejects.toThrow(fault('invalidEphemeralKey'));
    }
    expect(multiplications).toBe(0);
    await openedBy(packet, sent, counted);
    expect(multiplications).toBe(1);
  });

  test('the message is not of this handshake', async () => {
    const { packet, sent } = await handshake();
    const sealed = packet.sealed.map((byte) => byte ^ 1);
    await expect(openedBy({ ...packet, sealed }, sent)).rejects.toThrow(fault('undecryptable'));
    const ephemeralKey = compressedPublicKey(mallory.publicKey);
    const proof = { challengeData: sent.challengeData, ephemeralKey, recipientId: bob.id };
    const replaced = { ...packet, ephemeralKey, idSignature: signIdNonce(proof, alice) };
    await expect(openedBy(replaced, sent)).rejects.toThrow(fault('undecryptable'));
  });
});

test('C15: the ephemeral secret and the shared point are wiped', async () => {
  const secrets: Uint8Array[] = [];
  const watched = {
    ...primitives,
    async ecdhPoint(...inputs: Parameters<typeof primitives.ecdhPoint>) {
      const shared = await primitives.ecdhPoint(...inputs);
      secrets.push(inputs[0], shared);
      return shared;
    },
  };
  const { packet, sent } = await handshake();
  const challenge: WhoareyouPacket = {
    kind: 'whoareyou',
    nonce: new Uint8Array(12),
    idNonce: new Uint8Array(16),
    recordSeq: 0,
    challengeData: sent.challengeData,
  };
  const given = { challenge, message: PING, key: alice, record: recordOf(alice) };
  await sealHandshake({ ...given, recipient: bob.publicKey }, seededRandom('wiped'), watched);
  const watchedBob: typeof bob = {
    ...bob,
    async ecdhPoint(point) {
      const shared = await bob.ecdhPoint(point);
      secrets.push(shared);
      return shared;
    },
  };
  await openedBy(packet, sent, watchedBob);
  expect(secrets).toHaveLength(3);
  for (const secret of secrets) expect(secret.every((byte) => byte === 0)).toBe(true);
});
