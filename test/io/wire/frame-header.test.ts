import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  decodeFrameHeader,
  decodeMessageId,
  encodeMessageId,
  HEADER_BYTES,
  MAX_FRAME_BYTES,
  writeFrameHeader,
} from '../../../src/io/wire/frame-header.ts';
import { encodeRlp } from '../../../src/io/wire/rlp.ts';
import { encodeFrameHeader } from '../../support/frames.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';
import frames from '../../vectors/rlpx-frame.json' with { type: 'json' };
import besu from '../../vectors/rlpx-frames-besu-peer1.json' with { type: 'json' };

const hex = hexToBytes;
const malformed = fault('malformedFrame');

describe('frame header', () => {
  const published = [
    ...frames.frames.flatMap(({ name, decoded }) => (decoded ? [{ name, ...decoded }] : [])),
    ...besu.messages.map((message) => ({ name: `${besu.name} ${message.index}`, ...message })),
  ];
  for (const { name, header, frameSize } of published)
    test(`the header of ${name} is read and written`, () => {
      expect(decodeFrameHeader(hex(header))).toBe(frameSize);
      expect(bytesToHex(encodeFrameHeader(frameSize))).toBe(header);
    });

  test('a header is written where it is to stand, over what was there', () => {
    const out = new Uint8Array(20).fill(0xff);
    writeFrameHeader(0x010203, out, 2);
    expect(bytesToHex(out)).toBe(`ffff010203c28080${'00'.repeat(10)}ffff`);
  });

  test('every size survives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_FRAME_BYTES }), (size) => {
        expect(decodeFrameHeader(encodeFrameHeader(size))).toBe(size);
      }),
    );
  });

  for (const size of [1, 255, 256, 65_535, 65_536, MAX_FRAME_BYTES])
    test(`a frame of ${size} bytes can be announced`, () => {
      expect(decodeFrameHeader(encodeFrameHeader(size))).toBe(size);
    });

  test('F12: a frame of no bytes is malformed', () => {
    expect(() => decodeFrameHeader(hex('000000c2808000000000000000000000'))).toThrow(malformed);
  });

  const oddities = {
    'a list longer than the header': 'fbffffffff0000000000000000',
    'a capability id and a context id': `c20102${'00'.repeat(10)}`,
    'a continuation of a chunked message': `c483012345${'00'.repeat(8)}`,
    'no list at all': '00'.repeat(13),
    'padding that is not zero': `c28080${'ff'.repeat(10)}`,
  };
  for (const [sentence, data] of Object.entries(oddities))
    test(`F6: ${sentence} behind the size is ignored`, () => {
      expect(decodeFrameHeader(hex(`000101${data}`))).toBe(257);
    });

  test('any header is a size or malformed', () => {
    const header = fc.uint8Array({ minLength: HEADER_BYTES, maxLength: HEADER_BYTES });
    expectDecodesOrFaults(decodeFrameHeader, ['malformedFrame'], header);
  });

  test('a wrong length, or a size no frame has, throws a RangeError', () => {
    for (const length of [0, 15, 17, 32])
      expect(() => decodeFrameHeader(new Uint8Array(length))).toThrow(RangeError);
    for (const size of [0, -1, 1.5, MAX_FRAME_BYTES + 1, Number.NaN])
      expect(() => encodeFrameHeader(size)).toThrow(RangeError);
  });
});

describe('message id', () => {
  const ids: [encoded: string, code: number, idBytes: number][] = [
    ['80', 0, 1],
    ['01', 1, 1],
    ['7f', 127, 1],
    ['8180', 128, 2],
    ['81ff', 255, 2],
    ['820100', 256, 3],
    ['83989898', 10_000_536, 4],
    ['83ffffff', 0xffffff, 4],
    ['8480000000', 0x8000_0000, 5],
    ['8488888888', 0x8888_8888, 5],
    ['84ffffffff', 0xffff_ffff, 5],
  ];
  for (const [encoded, code, idBytes] of ids)
    test(`F6: ${encoded} is message ${code}, with or without a payload`, () => {
      expect(decodeMessageId(hex(encoded))).toEqual({ code, idBytes });
      expect(decodeMessageId(hex(`${encoded}c0ff`))).toEqual({ code, idBytes });
      expect(bytesToHex(encodeMessageId(code))).toBe(encoded);
    });

  const refused: [sentence: string, encoded: string][] = [
    ['no bytes', ''],
    ['a zero byte, which is not the integer 0', '00'],
    ['a leading zero', '820001'],
    ['a small number in the long form', '8105'],
    ['zero in the long form', '8100'],
    ['2³²', '850100000000'],
    ['more than 2⁶³ (nim-eth test_rlpx_thunk)', '888888888888888888'],
    ['a long string', `b838${'11'.repeat(56)}`],
    ['an empty list', 'c0'],
    ['a list with an id inside', 'c105'],
    ['a long list', 'f838'],
    ['an id that is cut off', '8201'],
  ];
  for (const [sentence, encoded] of refused)
    test(`F6: ${sentence} is no message id`, () => {
      expect(() => decodeMessageId(hex(encoded))).toThrow(malformed);
    });

  // nim-eth takes the plain byte 00 for Hello; RLP and go-ethereum do not
  const thunks = frames.baseProtocolPayloads.filter(
    ({ messageCodePlusData: data }) => !data.startsWith('00') && !data.startsWith('88'),
  );
  for (const { name, messageCodePlusData } of thunks)
    test(`the id of "${name}" is read`, () => {
      const bytes = hex(messageCodePlusData);
      const { code, idBytes } = decodeMessageId(bytes);
      expect(concatBytes(encodeMessageId(code), bytes.subarray(idBytes))).toEqual(bytes);
    });

  for (const { index, msgCode, content } of besu.messages)
    if (content !== undefined)
      test(`the id of ${besu.name} ${index} is read`, () => {
        expect(decodeMessageId(hex(content)).code).toBe(msgCode);
      });

  test('every id is what RLP makes of it', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (code) => {
        const encoded = encodeMessageId(code);
        expect(encoded).toEqual(encodeRlp(code));
        expect(decodeMessageId(encoded)).toEqual({ code, idBytes: encoded.length });
      }),
    );
  });

  test('any bytes begin with an id or are malformed', () => {
    expectDecodesOrFaults(decodeMessageId, ['malformedFrame']);
  });

  test('an id no peer would accept throws a RangeError', () => {
    for (const code of [-1, 0.5, 2 ** 32, Number.NaN])
      expect(() => encodeMessageId(code)).toThrow(RangeError);
  });
});
