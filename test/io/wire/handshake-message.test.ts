import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  decodeAckBody,
  decodeAuthBody,
  decodeLegacyAckBody,
  decodeLegacyAuthBody,
  encodeAckBody,
  encodeAuthBody,
  encodeLegacyAckBody,
  encodeLegacyAuthBody,
} from '../../../src/io/wire/handshake-message.ts';
import { encodeRlp, type RlpInput } from '../../../src/io/wire/rlp.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';
import vectors from '../../vectors/eip8-handshake.json' with { type: 'json' };

const hex = hexToBytes;
const malformed = fault('malformedHandshake');

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const authBody = fc.record({
  signature: bytes(65),
  initiatorPublicKey: bytes(64),
  nonce: bytes(32),
});
const ackBody = fc.record({ ephemeralPublicKey: bytes(64), nonce: bytes(32) });

const signature = new Uint8Array(65).fill(1);
const publicKey = new Uint8Array(64).fill(2);
const nonce = new Uint8Array(32).fill(3);

describe('auth body', () => {
  for (const { name, format, decoded } of vectors.eip8.auth)
    test(`${name} of EIP-8 is read`, () => {
      const decode = format === 'eip8' ? decodeAuthBody : decodeLegacyAuthBody;
      expect(decode(hex(decoded.plaintext))).toMatchObject({
        signature: hex(decoded.signature),
        initiatorPublicKey: hex(decoded.initiatorPubkey),
        nonce: hex(decoded.nonce),
      });
    });

  test('auth2 of EIP-8 is written, without its padding', () => {
    const { plaintext, rlpLength } = vectors.eip8.auth.find(
      ({ name }) => name === 'auth2',
    )!.decoded;
    const body = decodeAuthBody(hex(plaintext));
    expect(bytesToHex(encodeAuthBody(body))).toBe(plaintext.slice(0, rlpLength! * 2));
  });

  for (const plaintext of [
    vectors.eip8.auth.find(({ name }) => name === 'auth1')!.decoded.plaintext,
    vectors.legacyPreEip8.authPlaintext,
  ])
    test(`legacy auth ${plaintext.slice(0, 8)} is read and written`, () => {
      const body = decodeLegacyAuthBody(hex(plaintext));
      expect(bytesToHex(body.ephemeralKeyHash)).toBe(plaintext.slice(65 * 2, 97 * 2));
      expect(bytesToHex(encodeLegacyAuthBody(body))).toBe(plaintext);
    });

  test('what is written is read, with any padding', () => {
    fc.assert(
      fc.property(authBody, bytes(32), fc.uint8Array(), (body, ephemeralKeyHash, padding) => {
        const legacy = { ...body, ephemeralKeyHash };
        expect(decodeAuthBody(concatBytes(encodeAuthBody(body), padding))).toEqual(body);
        expect(decodeLegacyAuthBody(encodeLegacyAuthBody(legacy))).toEqual(legacy);
      }),
    );
  });

  const tolerated: [sentence: string, items: RlpInput[]][] = [
    ['any version', [signature, publicKey, nonce, 99]],
    ['a version that is no number', [signature, publicKey, nonce, []]],
    ['further items', [signature, publicKey, nonce, 4, 5, [6, [7]]]],
  ];
  for (const [sentence, items] of tolerated)
    test(`EIP-8: ${sentence} is ignored`, () => {
      expect(decodeAuthBody(encodeRlp(items))).toEqual({
        signature,
        initiatorPublicKey: publicKey,
        nonce,
      });
    });

  const refused: [sentence: string, body: RlpInput][] = [
    ['a string', signature],
    ['an empty list', []],
    ['no version', [signature, publicKey, nonce]],
    ['a short signature', [signature.subarray(1), publicKey, nonce, 4]],
    ['a key with its prefix', [signature, concatBytes(Uint8Array.of(4), publicKey), nonce, 4]],
    ['a long nonce', [signature, publicKey, new Uint8Array(33), 4]],
    ['a list for a key', [signature, [publicKey], nonce, 4]],
  ];
  for (const [sentence, body] of refused)
    test(`${sentence} is a malformed auth`, () => {
      expect(() => decodeAuthBody(encodeRlp(body))).toThrow(malformed);
    });

  test('a legacy auth is 194 bytes and nothing else', () => {
    for (const length of [0, 193, 195, 307])
      expect(() => decodeLegacyAuthBody(new Uint8Array(length))).toThrow(malformed);
    expect(decodeLegacyAuthBody(new Uint8Array(194)).nonce).toHaveLength(32);
  });
});

describe('ack body', () => {
  for (const { name, format, decoded } of vectors.eip8.ack)
    test(`${name} of EIP-8 is read`, () => {
      const decode = format === 'eip8' ? decodeAckBody : decodeLegacyAckBody;
      expect(decode(hex(decoded.plaintext))).toEqual({
        ephemeralPublicKey: hex(decoded.recipientEphemeralPubkey),
        nonce: hex(decoded.nonce),
      });
    });

  test('ack2 of EIP-8 is written, without its padding', () => {
    const { plaintext, rlpLength } = vectors.eip8.ack.find(({ name }) => name === 'ack2')!.decoded;
    const body = decodeAckBody(hex(plaintext));
    expect(bytesToHex(encodeAckBody(body))).toBe(plaintext.slice(0, rlpLength! * 2));
  });

  for (const plaintext of [
    vectors.eip8.ack.find(({ name }) => name === 'ack1')!.decoded.plaintext,
    vectors.legacyPreEip8.authrespPlaintext,
  ])
    test(`legacy ack ${plaintext.slice(0, 8)} is read and written`, () => {
      expect(bytesToHex(encodeLegacyAckBody(decodeLegacyAckBody(hex(plaintext))))).toBe(plaintext);
    });

  test('what is written is read, with any padding', () => {
    fc.assert(
      fc.property(ackBody, fc.uint8Array(), (body, padding) => {
        expect(decodeAckBody(concatBytes(encodeAckBody(body), padding))).toEqual(body);
        expect(decodeLegacyAckBody(encodeLegacyAckBody(body))).toEqual(body);
      }),
    );
  });

  const refused: [sentence: string, body: RlpInput][] = [
    ['no version', [publicKey, nonce]],
    ['a short key', [publicKey.subarray(1), nonce, 4]],
    ['a short nonce', [publicKey, nonce.subarray(1), 4]],
    ['an auth', [signature, publicKey, nonce, 4]],
  ];
  for (const [sentence, body] of refused)
    test(`${sentence} is a malformed ack`, () => {
      expect(() => decodeAckBody(encodeRlp(body))).toThrow(malformed);
    });

  test('a legacy ack is 97 bytes and nothing else', () => {
    for (const length of [0, 96, 98, 210])
      expect(() => decodeLegacyAckBody(new Uint8Array(length))).toThrow(malformed);
    expect(decodeLegacyAckBody(new Uint8Array(97)).nonce).toHaveLength(32);
  });
});

describe('handshake bodies', () => {
  const sizes = fc.oneof(fc.uint8Array({ maxLength: 300 }), bytes(194), bytes(97));
  const decoders = { decodeAuthBody, decodeAckBody, decodeLegacyAuthBody, decodeLegacyAckBody };
  for (const [name, decode] of Object.entries(decoders))
    test(`${name} takes any bytes or calls them malformed`, () => {
      expectDecodesOrFaults(decode, ['malformedHandshake']);
      expectDecodesOrFaults(decode, ['malformedHandshake'], sizes);
    });

  test('a field with the wrong length throws a RangeError', () => {
    const auth = { signature, initiatorPublicKey: publicKey, nonce };
    expect(() => encodeAuthBody({ ...auth, nonce: signature })).toThrow(RangeError);
    expect(() => encodeAckBody({ ephemeralPublicKey: nonce, nonce })).toThrow(RangeError);
    expect(() => encodeLegacyAuthBody({ ...auth, ephemeralKeyHash: publicKey })).toThrow(
      RangeError,
    );
    expect(() => encodeLegacyAckBody({ ephemeralPublicKey: nonce, nonce })).toThrow(RangeError);
  });

  test('what is read shares no memory with the plaintext', () => {
    const plaintext = Buffer.alloc(194, 1);
    const body = decodeLegacyAuthBody(plaintext);
    plaintext.fill(2);
    expect(body.nonce).toEqual(new Uint8Array(32).fill(1));
  });
});
