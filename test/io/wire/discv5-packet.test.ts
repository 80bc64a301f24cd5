import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Discv5Error } from '../../../src/io/wire/discv5-fault.ts';
import {
  type Discv5AuthData,
  encodeHeader,
  readAuthData,
  readStaticHeader,
  STATIC_HEADER_BYTES,
} from '../../../src/io/wire/discv5-packet.ts';
import { hex, loadVectors, toHex } from '../../support/crypto.ts';

type Vectors = {
  readonly packets: readonly {
    readonly name: string;
    readonly decoded: {
      readonly headerPlain: string;
      readonly nonce: string;
      readonly authSize: number;
      readonly message: string;
      readonly srcId?: string;
      readonly idNonce?: string;
      readonly enrSeq?: number;
      readonly idSignature?: string;
      readonly ephPubkey?: string;
      readonly record?: string;
    };
  }[];
};
const { packets } = loadVectors<Vectors>('discv5-wire.json');

const NONCE = hex('0102030405060708090a0b0c');
const SOURCE = 'ab'.repeat(32);
const HANDSHAKE: Discv5AuthData = {
  kind: 'handshake',
  sourceId: SOURCE,
  idSignature: new Uint8Array(64).fill(1),
  ephemeralKey: new Uint8Array(33).fill(2),
  record: null,
};

function read(header: Uint8Array, messageBytes: number) {
  const start = header.subarray(0, STATIC_HEADER_BYTES);
  const after = header.subarray(STATIC_HEADER_BYTES);
  const { kind, nonce, authDataBytes } = readStaticHeader(start, after.length + messageBytes);
  return { nonce, authData: readAuthData(kind, after.subarray(0, authDataBytes)) };
}

for (const { name, decoded } of packets)
  test(`the header of ${name} is read, and written the same`, () => {
    const { nonce, authData } = read(hex(decoded.headerPlain), hex(decoded.message).length);
    expect(toHex(nonce)).toBe(decoded.nonce);
    const { srcId, idNonce, enrSeq, idSignature, ephPubkey, record } = decoded;
    expect(authData).toMatchObject({
      ...(srcId !== undefined && { sourceId: srcId }),
      ...(idNonce !== undefined && { idNonce: hex(idNonce) }),
      ...(enrSeq !== undefined && { recordSeq: enrSeq }),
      ...(idSignature !== undefined && { idSignature: hex(idSignature) }),
      ...(ephPubkey !== undefined && { ephemeralKey: hex(ephPubkey) }),
      ...(record !== undefined && { record: record === '' ? null : hex(record) }),
    });
    expect(toHex(encodeHeader(nonce, authData))).toBe(decoded.headerPlain);
  });

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const sourceId = bytes(32).map(toHex);
const authData: fc.Arbitrary<Discv5AuthData> = fc.oneof(
  fc.record({ kind: fc.constant('message' as const), sourceId }),
  fc.record({
    kind: fc.constant('whoareyou' as const),
    idNonce: bytes(16),
    recordSeq: fc.maxSafeNat(),
  }),
  fc.record({
    kind: fc.constant('handshake' as const),
    sourceId,
    idSignature: bytes(64),
    ephemeralKey: bytes(33),
    record: fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 })),
  }),
);

test('what is written is read', () => {
  fc.assert(
    fc.property(bytes(12), authData, (nonce, written) => {
      const messageBytes = written.kind === 'whoareyou' ? 0 : 16;
      expect(read(encodeHeader(nonce, written), messageBytes)).toEqual({
        nonce,
        authData: written,
      });
    }),
  );
});

describe('each fault has its name', () => {
  const message = encodeHeader(NONCE, { kind: 'message', sourceId: SOURCE });
  const whoareyou = encodeHeader(NONCE, {
    kind: 'whoareyou',
    idNonce: new Uint8Array(16),
    recordSeq: 0,
  });
  const handshake = encodeHeader(NONCE, HANDSHAKE);
  const withByte = (header: Uint8Array, at: number, byte: number): Uint8Array => {
    const changed = header.slice();
    changed[at] = byte;
    return changed;
  };

  test.for<[string, string | null, Uint8Array, number]>([
    ['the shortest message', null, message, 16],
    ['a WHOAREYOU', null, whoareyou, 0],
    ['the shortest handshake', null, handshake, 16],
    ['another protocol', 'notDiscv5', withByte(message, 5, 0x34), 16],
    ['version 0', 'unsupportedVersion', withByte(message, 7, 0), 16],
    ['version 2', 'unsupportedVersion', withByte(message, 7, 2), 16],
    ['version 257', 'unsupportedVersion', withByte(message, 6, 1), 16],
    ['kind 3', 'unknownPacketKind', withByte(message, 8, 3), 16],
    ['a message with 33 bytes of authdata', 'badAuthDataSize', withByte(message, 22, 33), 16],
    ['a message with 31 bytes of authdata', 'badAuthDataSize', withByte(message, 22, 31), 16],
    ['a WHOAREYOU with 25 bytes of authdata', 'badAuthDataSize', withByte(whoareyou, 22, 25), 1],
    ['a handshake with 130 bytes of authdata', 'badAuthDataSize', withByte(handshake, 22, 130), 16],
    ['authdata beyond the end', 'badAuthDataSize', withByte(handshake, 22, 148), 16],
    ['a message of 15 bytes', 'messageTooShort', message, 15],
    ['a handshake without a message', 'messageTooShort', handshake, 0],
    ['a byte after a WHOAREYOU', 'unexpectedMessage', whoareyou, 1],
    ['a signature of 65 bytes', 'unsupportedIdentityScheme', withByte(handshake, 55, 65), 16],
    ['a key of 32 bytes', 'unsupportedIdentityScheme', withByte(handshake, 56, 32), 16],
  ])('%s', ([, fault, header, messageBytes]) => {
    const attempt = (): unknown => read(header, messageBytes);
    if (fault === null) return expect(attempt).not.toThrow();
    expect(attempt).toThrow(Discv5Error);
    expect(attempt).toThrow(expect.objectContaining({ fault }));
  });
});

test('a sequence number beyond the largest safe integer is that', () => {
  const authDataBytes = new Uint8Array(24).fill(0xff);
  expect(readAuthData('whoareyou', authDataBytes)).toMatchObject({
    recordSeq: Number.MAX_SAFE_INTEGER,
  });
});
