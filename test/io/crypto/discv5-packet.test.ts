import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  openMessage,
  readDiscv5Packet,
  sealMessage,
  sealRandom,
  sealWhoareyou,
} from '../../../src/io/crypto/discv5-packet.ts';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { Discv5Error } from '../../../src/io/wire/discv5-fault.ts';
import { type Discv5Message, encodeDiscv5 } from '../../../src/io/wire/discv5-message.ts';
import {
  encodeHeader,
  readAuthData,
  readStaticHeader,
  STATIC_HEADER_BYTES,
} from '../../../src/io/wire/discv5-packet.ts';
import { hex, loadVectors, scriptedRandom, seededRandom, toHex } from '../../support/crypto.ts';
import { EVERY_SET } from '../../support/primitive-sets.ts';

type Inputs = Readonly<Record<string, string>>;
type Packet = {
  readonly name: string;
  readonly inputs: Inputs;
  readonly packet: string;
  readonly decoded: {
    readonly nonce: string;
    readonly messageAd: string;
    readonly messagePlaintext?: string;
  };
};
type Vectors = {
  readonly keys: { readonly nodeAId: string; readonly nodeBId: string };
  readonly packets: readonly Packet[];
  readonly additionalPackets: readonly {
    readonly name: string;
    readonly packet: string;
    readonly inputs: {
      readonly destNodeId: string;
      readonly maskingIv: string;
      readonly flag: 0 | 2;
      readonly nonce: string;
      readonly authdata: string;
      readonly message: string;
    };
  }[];
  readonly invalidPackets: readonly {
    readonly name: string;
    readonly packet: string | null;
    readonly packetLength?: number;
    readonly recipientId?: string;
    readonly recipientKey?: string;
  }[];
};
const { keys, packets, additionalPackets, invalidPackets } =
  loadVectors<Vectors>('discv5-wire.json');
const sides = { sourceId: keys.nodeAId, recipientId: keys.nodeBId };
const [message, whoareyou] = packets;

const NO_KEY = new Uint8Array(16);
const PING: Discv5Message = { type: 'ping', requestId: '00000001', recordSeq: 2 };

function faultOf(run: () => unknown): string | null {
  try {
    run();
  } catch (error) {
    if (error instanceof Discv5Error) return error.fault;
    throw error;
  }
  return null;
}

describe.each(EVERY_SET)('published packets: %s', (_, primitives) => {
  for (const { name, inputs, packet, decoded } of packets)
    test(`${name} is read`, () => {
      const read = readDiscv5Packet(hex(packet), keys.nodeBId, primitives);
      expect(toHex(read.nonce)).toBe(decoded.nonce);
      if (read.kind === 'whoareyou')
        return expect(toHex(read.challengeData)).toBe(inputs['whoareyou.challenge-data']);
      expect(read.sourceId).toBe(keys.nodeAId);
      expect(toHex(read.authenticated)).toBe(decoded.messageAd);
      const opened = openMessage(read, hex(inputs['read-key']!), primitives);
      expect(opened).toEqual({
        type: 'ping',
        requestId: inputs['ping.req-id'],
        recordSeq: Number(inputs['ping.enr-seq']),
      });
      expect(toHex(encodeDiscv5(opened))).toBe(decoded.messagePlaintext);
    });

  test('the message is written the same', () => {
    const nonce = hex(message!.inputs['nonce']!);
    const given = { ...sides, message: PING, writeKey: NO_KEY, nonce };
    const { datagram } = sealMessage(given, scriptedRandom(new Uint8Array(16)), primitives);
    expect(toHex(datagram)).toBe(message!.packet);
  });

  test('the challenge is written the same', () => {
    const { inputs, packet } = whoareyou!;
    const random = scriptedRandom(hex(inputs['whoareyou.id-nonce']!), new Uint8Array(16));
    const nonce = hex(inputs['whoareyou.request-nonce']!);
    const given = { nonce, recordSeq: 0, recipientId: keys.nodeBId };
    const { datagram, challengeData } = sealWhoareyou(given, random, primitives);
    expect(toHex(datagram)).toBe(packet);
    expect(toHex(challengeData)).toBe(inputs['whoareyou.challenge-data']);
  });
});

/** Only their headers are real. */
for (const { name, packet, inputs } of additionalPackets)
  test(`the header of ${name} is written and masked the same`, () => {
    const kind = inputs.flag === 0 ? 'message' : 'handshake';
    const authData = readAuthData(kind, hex(inputs.authdata));
    const header = encodeHeader(hex(inputs.nonce), authData);
    const key = hex(inputs.destNodeId).subarray(0, 16);
    const masked = noblePrimitives.aes128Ctr(key, hex(inputs.maskingIv), header);
    expect(inputs.maskingIv + toHex(masked) + inputs.message).toBe(packet);
    const start = header.subarray(0, STATIC_HEADER_BYTES);
    expect(readStaticHeader(start, 16 + hex(inputs.authdata).length).kind).toBe(kind);
  });

describe('invalid packets', () => {
  const FAULTS: Readonly<Record<string, string>> = {
    empty: 'packetTooShort',
    '62-zero-bytes': 'packetTooShort',
    '63-zero-bytes': 'notDiscv5',
    'handshake-truncated-108': 'badAuthDataSize',
    'whoareyou-auth-size-corrupted': 'badAuthDataSize',
    'whoareyou-trailing-00': 'unexpectedMessage',
    'ping-handshake-trailing-00': 'undecryptable',
    'ping-handshake-enr-trailing-00': 'undecryptable',
    'oversize-1281': 'packetTooLong',
    'undersize-62': 'packetTooShort',
    'ping-message-wrong-recipient': 'notDiscv5',
    'ping-message-flipped-tag': 'undecryptable',
  };
  /** What opens the message of the packet that was changed. */
  const keyFor = (name: string): Uint8Array => {
    const original = packets.find((packet) => packet.name === name.replace(/-trailing-00$/, ''));
    return hex(original?.inputs['read-key'] ?? '00'.repeat(16));
  };

  for (const { name, packet, packetLength, recipientId, recipientKey } of invalidPackets)
    test(`${name} is refused`, () => {
      const ownId =
        recipientId ?? (recipientKey ? createNodeKey(hex(recipientKey)).id : keys.nodeBId);
      const datagram = packet === null ? new Uint8Array(packetLength!) : hex(packet);
      const fault = faultOf(() => {
        const read = readDiscv5Packet(datagram, ownId);
        if (read.kind !== 'whoareyou') openMessage(read, keyFor(name));
      });
      expect(fault).toBe(FAULTS[name]);
    });
});

test('lengths at both limits are read, and the next ones refused', () => {
  const { datagram } = sealWhoareyou(
    { nonce: new Uint8Array(12), recordSeq: 1, recipientId: keys.nodeBId },
    seededRandom('limits'),
  );
  expect(datagram).toHaveLength(63);
  const read = (bytes: Uint8Array) => faultOf(() => readDiscv5Packet(bytes, keys.nodeBId));
  expect(read(datagram)).toBeNull();
  expect(read(datagram.subarray(0, 62))).toBe('packetTooShort');
  const longest = new Uint8Array(1_280);
  longest.set(hex(message!.packet));
  expect(read(longest)).toBeNull();
  expect(read(new Uint8Array(1_281))).toBe('packetTooLong');
});

describe('a sealed message', () => {
  const writeKey = new Uint8Array(16).fill(9);
  const nonce = new Uint8Array(12).fill(3);
  const seal = (payload: Uint8Array) =>
    sealMessage(
      {
        ...sides,
        message: { type: 'talkResponse', requestId: '01', payload },
        writeKey,
        nonce,
      },
      seededRandom('seal'),
    ).datagram;

  test('a change of any byte is noticed', () => {
    const datagram = seal(hex('0102'));
    for (let at = 0; at < datagram.length; at += 1) {
      const changed = datagram.slice();
      changed[at]! ^= 1;
      const fault = faultOf(() => {
        const read = readDiscv5Packet(changed, keys.nodeBId);
        if (read.kind !== 'whoareyou') openMessage(read, writeKey);
      });
      expect(fault).not.toBeNull();
    }
  });

  test('is not opened with another key, nonce or header', () => {
    const read = readDiscv5Packet(seal(hex('01')), keys.nodeBId);
    if (read.kind !== 'message') throw new Error(read.kind);
    expect(openMessage(read, writeKey)).toMatchObject({ type: 'talkResponse' });
    for (const [changed, key] of [
      [read, NO_KEY],
      [{ ...read, nonce: new Uint8Array(12) }, writeKey],
      [{ ...read, authenticated: read.authenticated.map((byte) => byte ^ 1) }, writeKey],
      [{ ...read, sealed: read.sealed.subarray(1) }, writeKey],
      [{ ...read, sealed: new Uint8Array() }, writeKey],
    ] as const)
      expect(faultOf(() => openMessage(changed, key))).toBe('undecryptable');
  });

  test('with no content, or with content that is none, has its fault', () => {
    const sealed = (content: Uint8Array) => ({
      nonce,
      authenticated: nonce,
      sealed: noblePrimitives.aes128GcmSeal(writeKey, nonce, content, nonce),
    });
    expect(faultOf(() => openMessage(sealed(new Uint8Array()), writeKey))).toBe('emptyMessage');
    expect(faultOf(() => openMessage(sealed(hex('09c0')), writeKey))).toBe('unknownMessageType');
    expect(faultOf(() => openMessage(sealed(hex('01c0')), writeKey))).toBe('malformedMessage');
  });

  test('has 1280 bytes at most', () => {
    const overhead = seal(new Uint8Array(1_000)).length - 1_000;
    expect(seal(new Uint8Array(1_280 - overhead))).toHaveLength(1_280);
    expect(() => seal(new Uint8Array(1_281 - overhead))).toThrow(RangeError);
  });

  test('what was read shares no memory with the datagram', () => {
    const datagram = seal(hex('07'));
    const read = readDiscv5Packet(datagram, keys.nodeBId);
    datagram.fill(0);
    if (read.kind !== 'message') throw new Error(read.kind);
    expect(openMessage(read, writeKey)).toMatchObject({ payload: hex('07') });
  });
});

test('a packet without a session is a message that no key opens, and is never the same twice', () => {
  const random = seededRandom('random packet');
  const [first, second] = [sealRandom(sides, random), sealRandom(sides, random)];
  const read = readDiscv5Packet(first.datagram, keys.nodeBId);
  expect(read).toMatchObject({ kind: 'message', sourceId: keys.nodeAId, nonce: first.nonce });
  expect(first.datagram).toHaveLength(91); // longer than the WHOAREYOU that it causes
  expect(second.nonce).not.toEqual(first.nonce);
  for (const [at, byte] of [first.datagram[0], first.datagram.at(-1)].entries())
    expect([at, byte]).not.toEqual([at, at === 0 ? second.datagram[0] : second.datagram.at(-1)]);
});

test('any bytes are a packet or a Discv5Error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 60, maxLength: 200 }), fc.nat(3), (bytes, kind) => {
      faultOf(() => readDiscv5Packet(bytes, keys.nodeBId));
      const header = encodeHeader(bytes.subarray(0, 12), { kind: 'message', ...sides });
      header[8] = kind;
      header.set(bytes.subarray(12, 20), 20);
      const iv = bytes.subarray(20, 36);
      const masked = noblePrimitives.aes128Ctr(hex(keys.nodeBId).subarray(0, 16), iv, header);
      const datagram = Uint8Array.of(...iv, ...masked, ...bytes);
      faultOf(() => readDiscv5Packet(datagram, keys.nodeBId));
    }),
  );
});
