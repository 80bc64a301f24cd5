import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  DISCONNECT_CODES,
  type DisconnectReason,
  decodeDisconnect,
  encodeDisconnect,
} from '../../../src/io/wire/disconnect.ts';
import { encodeRlp } from '../../../src/io/wire/rlp.ts';
import { compress } from '../../../src/io/wire/snappy.ts';
import { hostileBytes } from '../../support/wire.ts';
import vectors from '../../vectors/rlpx-frame.json' with { type: 'json' };

const hex = hexToBytes;
const reasons = Object.entries(DISCONNECT_CODES) as [DisconnectReason, number][];
const reasonOf = new Map(reasons.map(([reason, code]) => [code, reason]));
const unreadable = { reason: 'unrecognised', code: null };

describe('Disconnect', () => {
  for (const { source, payload, reason } of vectors.disconnect)
    test(`"${payload}" of ${source} has ${reason ?? 'no known'} reason`, () => {
      const read = decodeDisconnect(hex(payload));
      if (reason === undefined) expect(read.reason).toBe('unrecognised');
      else expect(read).toEqual({ reason: reasonOf.get(reason), code: reason });
    });

  // one decision of ours differs from nim-eth: a second item is ignored, as go-ethereum does
  const thunks: [data: string, code: number | null][] = [
    ['01e1', null],
    ['01ffdada', null],
    ['01c20420', 4],
    ['01c0', null],
    ['01c111', 0x11],
    ['0111', 0x11],
    ['01c10c', 0x0c],
    ['010c', 0x0c],
  ];
  for (const [data, code] of thunks)
    test(`"${data}" of nim-eth has code ${code}`, () => {
      expect(vectors.baseProtocolPayloads.map((one) => one.messageCodePlusData)).toContain(data);
      const reason = (code === null ? undefined : reasonOf.get(code)) ?? 'unrecognised';
      expect(decodeDisconnect(hex(data).subarray(1))).toEqual({ reason, code });
    });

  for (const { code, data, expect: verdict } of vectors.handshakeErrors)
    if (code === 1)
      test(`ProtocolHandshakeErrors: "${data}" in place of Hello: ${verdict}`, () => {
        expect(decodeDisconnect(hex(data))).toEqual({ reason: 'clientQuitting', code: 8 });
      });

  test('its codes are those of the spec', () => {
    const { source: _, ...spec } = vectors.disconnectReasons;
    const known = reasons.map(([, code]) => code);
    expect(known.toSorted((a, b) => a - b)).toEqual(Object.keys(spec).map(Number));
  });

  for (const [reason, code] of reasons)
    test(`${reason} is written as a list and read back`, () => {
      expect(encodeDisconnect(reason)).toEqual(encodeRlp([code]));
      expect(decodeDisconnect(encodeDisconnect(reason))).toEqual({ reason, code });
    });

  test('"requested" is written c180', () => {
    expect(bytesToHex(encodeDisconnect('requested'))).toBe('c180');
  });
});

describe('P5: Disconnect from a hostile peer', () => {
  test('P5: any bytes are a reason, and none of them throws', () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const { reason, code } = decodeDisconnect(bytes);
        expect(reason).toBe((code === null ? undefined : reasonOf.get(code)) ?? 'unrecognised');
      }),
      { numRuns: 1000 },
    );
  });

  test('P5: each of the 256 codes is read from a list and bare, known or not', () => {
    for (let code = 0; code < 256; code++) {
      const read = { reason: reasonOf.get(code) ?? 'unrecognised', code };
      expect(decodeDisconnect(encodeRlp([code]))).toEqual(read);
      expect(decodeDisconnect(encodeRlp(code))).toEqual(read);
      expect(decodeDisconnect(encodeRlp([code, 1, []]))).toEqual(read);
    }
  });

  test('D16: each code is read with a length in front that it does not need', () => {
    for (let code = 0; code < 256; code++) {
      const read = { reason: reasonOf.get(code) ?? 'unrecognised', code };
      for (const form of [[0x81], [0xc2, 0x81], [0xb8, 1], [0xf8, 2, 0x81], [0xf9, 0, 3, 0xb8, 1]])
        expect(decodeDisconnect(Uint8Array.of(...form, code))).toEqual(read);
    }
  });

  test('D16: each reason is read compressed, and with bytes behind it', () => {
    for (const [reason, code] of reasons)
      for (const plain of [encodeRlp([code]), encodeRlp(code)]) {
        expect(decodeDisconnect(compress(plain))).toEqual({ reason, code });
        expect(decodeDisconnect(concatBytes(plain, hex('0909')))).toEqual({ reason, code });
        expect(decodeDisconnect(compress(concatBytes(plain, hex('09'))))).toEqual({ reason, code });
      }
  });

  const odd: [sentence: string, payload: string, code: number | null][] = [
    ['no bytes', '', null],
    ['an empty list', 'c0', null],
    ['a list in a list', 'c1c0', null],
    ['a number of two bytes', 'c3820101', 0x101],
    ['a number with a leading zero', 'c382000c', 0x0c],
    ['a number that is cut off', 'c38201', null],
    ['2³²−1', 'c584ffffffff', 0xffff_ffff],
    ['2³²', 'c6850100000000', null],
    ['go-ethereum’s own word for invalid', 'c281ff', 0xff],
    ['a list that is cut off', 'c2', null],
    ['bytes that are no RLP', 'ffffffff', null],
  ];
  for (const [sentence, payload, code] of odd)
    test(`P5: ${sentence} has code ${code}`, () => {
      expect(decodeDisconnect(hex(payload))).toEqual({ reason: 'unrecognised', code });
    });

  test('P5: of a long Disconnect only the first 100 bytes are looked at', () => {
    const padded = (bytes: number) => encodeRlp([4, new Uint8Array(bytes)]);
    const tooMany = { reason: 'tooManyPeers', code: 4 };
    expect(decodeDisconnect(padded(95))).toEqual(tooMany);
    expect(decodeDisconnect(padded(0xffff))).toEqual(tooMany);
    expect(decodeDisconnect(concatBytes(hex('04'), new Uint8Array(100)))).toEqual(tooMany);
    const beyond = concatBytes(hex('b863'), new Uint8Array(97), hex('0104'));
    expect(decodeDisconnect(beyond)).toEqual(unreadable);
  });
});
