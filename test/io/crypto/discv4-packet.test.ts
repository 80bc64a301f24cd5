import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  MAX_PACKET_BYTES,
  PacketError,
  readPacket,
  sealPacket,
  senderOf,
} from '../../../src/io/crypto/discv4-packet.ts';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import type { Discv4Message } from '../../../src/io/wire/discv4-message.ts';
import { hostOfBytes } from '../../../src/io/wire/ip-address.ts';
import { hex, loadVectors, rememberingPrimitives, toHex } from '../../support/crypto.ts';

type Place = { readonly ipBytes: string; readonly udp: number; readonly tcp: number };
type Fields = {
  readonly version?: number;
  readonly from?: Place;
  readonly to?: Place;
  readonly replyToken?: string;
  readonly target?: string;
  readonly nodes?: readonly (Place & { readonly id: string })[];
  readonly expiration?: number | string;
  readonly enrSeq?: number | string | null;
  readonly recordRlp?: string;
};
type Packet = {
  readonly name: string;
  readonly packet: string;
  readonly decoded: {
    readonly kind: string;
    readonly hash: string;
    readonly senderPubkey: string;
    readonly fields: Fields;
  };
};
type Vectors = {
  readonly valid: readonly Packet[];
  readonly capturedSamples: readonly Packet[];
  readonly invalid: readonly { readonly name: string; readonly packet: string }[];
  readonly packetDataOnly: readonly { readonly name: string; readonly packet?: string }[];
};
const { valid, capturedSamples, invalid, packetDataOnly } =
  loadVectors<Vectors>('discv4-packets.json');

const primitives = rememberingPrimitives();
const key = createNodeKey(new Uint8Array(32).fill(1));
const REQUEST: Discv4Message = { type: 'enrRequest', expiration: 1 };

const placeOf = ({ ipBytes, udp, tcp }: Place) => ({
  host: ipBytes === '' ? '' : hostOfBytes(hex(ipBytes)),
  udpPort: udp,
  tcpPort: tcp,
});

/** The fields of a vector as we name them, without those that it does not have. */
function expected({ kind, fields }: Packet['decoded']): object {
  const type = kind === 'findnode' ? 'findNode' : kind;
  const { from, to, replyToken, target, nodes, expiration, enrSeq, recordRlp } = fields;
  return {
    type,
    ...(from && { from: placeOf(from) }),
    ...(to && { to: placeOf(to) }),
    ...(typeof expiration === 'number' && { expiration }),
    ...(replyToken !== undefined && type === 'pong' && { pingHash: hex(replyToken) }),
    ...(replyToken !== undefined && type === 'enrResponse' && { requestHash: hex(replyToken) }),
    ...(target !== undefined && { target }),
    ...(typeof enrSeq === 'number' && { recordSeq: enrSeq }),
    ...(typeof enrSeq === 'string' && { recordSeq: null }),
    ...(nodes && { nodes: nodes.map((node) => ({ ...placeOf(node), publicKey: node.id })) }),
    ...(recordRlp !== undefined && { record: hex(recordRlp) }),
  };
}

describe('readPacket', () => {
  for (const { name, packet, decoded } of [...valid, ...capturedSamples])
    test(`reads ${name}, and knows its sender`, () => {
      const read = readPacket(hex(packet));
      expect(read.message).toMatchObject(expected(decoded));
      expect(toHex(read.hash)).toBe(decoded.hash);
      expect(publicKeyHex(senderOf(read, primitives))).toBe(decoded.senderPubkey);
    });

  for (const { name, packet = '' } of packetDataOnly.filter((vector) => vector.packet)) {
    /** Besu may leave out the sender's endpoint, which the specification does not. */
    const isWithoutFrom = name === 'besu-testEncodeForPingPacket';
    test(`${isWithoutFrom ? 'as go-ethereum, refuses' : 'reads'} ${name}`, () => {
      if (isWithoutFrom) return expect(() => readPacket(hex(packet))).toThrow(/^malformedPacket: /);
      expect(() => readPacket(hex(packet))).not.toThrow();
    });
  }

  /** As go-ethereum, which leaves such a node out later: see also "a neighbour without a usable address". */
  const LENIENT = new Set(['neighbors-bad-ip-length', 'neighbors-pubkey-not-on-curve']);

  for (const { name, packet } of invalid)
    test(`${LENIENT.has(name) ? 'as go-ethereum, reads' : 'refuses'} ${name}`, () => {
      const read = () => senderOf(readPacket(hex(packet)), primitives);
      if (LENIENT.has(name)) return expect(read).not.toThrow();
      expect(read).toThrow(PacketError);
    });

  const faultOf = (datagram: Uint8Array): string | null => {
    try {
      senderOf(readPacket(datagram), primitives);
    } catch (error) {
      if (error instanceof PacketError) return error.fault;
      throw error;
    }
    return null;
  };
  const named = (name: string) => hex(invalid.find((vector) => vector.name === name)!.packet);

  test('each fault has its name', () => {
    const { datagram } = sealPacket(REQUEST, key);
    expect(faultOf(datagram)).toBeNull();
    expect(faultOf(datagram.subarray(0, 97))).toBe('packetTooShort');
    expect(faultOf(new Uint8Array(MAX_PACKET_BYTES + 1))).toBe('packetTooLong');
    expect(faultOf(new Uint8Array(MAX_PACKET_BYTES))).toBe('badPacketHash');
    expect(faultOf(named('unknown-type-66'))).toBe('unknownPacketType');
    expect(faultOf(named('ping-empty-list'))).toBe('malformedPacket');
    expect(faultOf(named('signature-bad-recid'))).toBe('unrecoverableSignature');
  });

  test('a change of any byte is noticed', () => {
    const { datagram } = sealPacket(REQUEST, key);
    for (let at = 0; at < datagram.length; at += 1) {
      const changed = new Uint8Array(datagram);
      changed[at]! ^= 1;
      expect(faultOf(changed)).toBe('badPacketHash');
    }
  });

  test('any bytes are a packet or a PacketError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1_400 }), (bytes) => void faultOf(bytes)));
  });

  test('what was read shares no memory with the datagram', () => {
    const { datagram, hash } = sealPacket(REQUEST, key);
    const read = readPacket(datagram);
    datagram.fill(0);
    expect(read.hash).toEqual(hash);
    expect(senderOf(read, primitives)).toEqual(key.publicKey);
  });
});

describe('sealPacket', () => {
  test('what is sealed is read, from its sender', () => {
    const ping: Discv4Message = {
      type: 'ping',
      version: 4,
      from: { host: '192.0.2.1', udpPort: 1, tcpPort: 2 },
      to: { host: '2001:db8::1', udpPort: 3, tcpPort: 0 },
      expiration: 5,
      recordSeq: 6,
    };
    const { datagram, hash } = sealPacket(ping, key);
    const read = readPacket(datagram);
    expect([read.message, read.hash]).toEqual([ping, hash]);
    expect(senderOf(read, primitives)).toEqual(key.publicKey);
  });

  test('twelve neighbours with IPv6 addresses fit, and a packet that is too long is an error', () => {
    const node = {
      host: '2001:db8::1',
      udpPort: 65_535,
      tcpPort: 65_535,
      publicKey: 'ff'.repeat(64),
    };
    const neighbors = (count: number): Discv4Message => ({
      type: 'neighbors',
      nodes: new Array(count).fill(node),
      expiration: 2 ** 32,
    });
    expect(sealPacket(neighbors(12), key).datagram.length).toBeLessThanOrEqual(MAX_PACKET_BYTES);
    expect(() => sealPacket(neighbors(14), key)).toThrow(RangeError);
  });
});
