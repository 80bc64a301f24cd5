import { concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Primitives } from '../../../src/io/crypto/primitives.ts';
import { createFrameReader, createFrameWriter } from '../../../src/io/crypto/rlpx-frame.ts';
import { WireError } from '../../../src/io/wire/error.ts';
import { MAX_FRAME_BYTES } from '../../../src/io/wire/frame-header.ts';
import { hex, chosenPrimitives as primitives } from '../../support/crypto.ts';
import {
  copiedBytes,
  plainSession,
  readAll,
  sealedHead,
  sealedPlain,
  stubHash,
} from '../../support/frames.ts';

describe('FrameReader under attack', () => {
  for (const announced of [2049, 0xff_ff_ff])
    test(`F1: a first frame of ${announced} bytes is refused from its header`, () => {
      const reader = createFrameReader(plainSession(), primitives, 2048);
      const head = sealedHead(announced);
      expect(reader.read(head.subarray(0, 31), 0)).toEqual({ offset: 31, frame: null });
      expect(() => reader.read(head, 31)).toThrow(
        expect.objectContaining({ fault: 'frameTooBig' }),
      );
    });

  test('F1: the limit counts id and payload, and can be raised for the next header', () => {
    const writer = createFrameWriter(plainSession(), primitives);
    const sealed = [2047, 2047, 4000, 4001].map((bytes) => writer.seal(1, new Uint8Array(bytes)));
    const reader = createFrameReader(plainSession(), primitives, 2048);
    expect(reader.read(sealed[0]!, 0).frame?.payload).toHaveLength(2047);
    reader.read(sealed[1]!, 0);
    reader.allow(4001);
    expect(reader.read(sealed[2]!, 0).frame?.payload).toHaveLength(4000);
    expect(() => reader.read(sealed[3]!, 0)).toThrow(
      expect.objectContaining({ fault: 'frameTooBig' }),
    );
  });

  test('F2: a header that announces 16 MiB allocates nothing', () => {
    const reader = createFrameReader(plainSession(), primitives, MAX_FRAME_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    reader.read(sealedHead(MAX_FRAME_BYTES), 0);
    reader.read(new Uint8Array(1000), 0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  test('F3: 16 MiB in segments of 1,460 bytes copy each byte a few times, half of it half as much', () => {
    const work = [MAX_FRAME_BYTES >> 1, MAX_FRAME_BYTES].map((size) => {
      const frame = createFrameWriter(
        plainSession(() => stubHash),
        primitives,
      ).seal(1, new Uint8Array(size - 1));
      const reader = createFrameReader(
        plainSession(() => stubHash),
        primitives,
        MAX_FRAME_BYTES,
      );
      return copiedBytes(() => {
        const read = readAll(reader, frame, 1460);
        expect(read[0]?.payload).toHaveLength(size - 1);
      });
    });
    expect(work[1]! / work[0]!).toBeLessThanOrEqual(2.2);
    expect(work[1]! / MAX_FRAME_BYTES).toBeLessThanOrEqual(3);
  });

  test('F3: pieces of one byte cost no more copies', () => {
    const bytes = 1 << 18;
    const frame = createFrameWriter(
      plainSession(() => stubHash),
      primitives,
    ).seal(1, new Uint8Array(bytes));
    const reader = createFrameReader(
      plainSession(() => stubHash),
      primitives,
      MAX_FRAME_BYTES,
    );
    const copied = copiedBytes(() => expect(readAll(reader, frame, 1)).toHaveLength(1));
    expect(copied / bytes).toBeLessThanOrEqual(3);
  });

  test('F7: every flipped bit of three frames is detected, and nothing after it is read', () => {
    const writer = createFrameWriter(plainSession(), primitives);
    const sealed = [
      writer.seal(0, hex('c0')),
      writer.seal(16, hex('c1')),
      writer.seal(2, hex('c2')),
    ];
    const stream = concatBytes(...sealed);
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const damaged = stream.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const reader = createFrameReader(plainSession(), primitives, 2048);
      let read = 0;
      const reading = () => readAll(reader, damaged, damaged.length, () => read++);
      expect(reading).toThrow(WireError);
      expect(read).toBe(Math.floor((bit >> 3) / 64));
    }
  });

  test('nothing is decrypted before its MAC holds', () => {
    const decrypted: number[] = [];
    const watching: Primitives = {
      ...primitives,
      aes256CtrStream(key) {
        const stream = primitives.aes256CtrStream(key);
        return {
          apply(bytes, from, to) {
            decrypted.push(to - from);
            stream.apply(bytes, from, to);
          },
          copy(bytes) {
            decrypted.push(bytes.length);
            return stream.copy(bytes);
          },
        };
      },
    };
    const good = createFrameWriter(plainSession(), primitives).seal(1, new Uint8Array(40));
    for (const [at, before] of [
      [20, []],
      [good.length - 1, [16]],
    ] as const) {
      decrypted.length = 0;
      const bad = good.slice();
      bad[at]! ^= 1;
      const reader = createFrameReader(plainSession(), watching, 100);
      expect(() => reader.read(bad, 0)).toThrow(WireError);
      expect(decrypted).toEqual(before);
    }
  });

  test('F12: a frame without a message id is refused', () => {
    const reader = createFrameReader(plainSession(), primitives, 2048);
    expect(() => readAll(reader, concatBytes(sealedHead(0), new Uint8Array(16)), 100)).toThrow(
      WireError,
    );
  });

  test('F6: a message id that is no canonical integer is refused', () => {
    for (const id of ['00', '8100', '8101', '820010', 'c0', 'ff']) {
      const body = concatBytes(hex(id), new Uint8Array(16 - hex(id).length));
      const reader = createFrameReader(plainSession(), primitives, 2048);
      expect(() => readAll(reader, sealedPlain(16, body), 100)).toThrow(
        expect.objectContaining({ fault: 'malformedFrame' }),
      );
    }
  });

  test('F13: any bytes are read or refused, and every call with bytes makes progress', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 8 });
    const start = createFrameWriter(plainSession(), primitives).seal(3, new Uint8Array(60));
    fc.assert(
      fc.property(chunks, fc.nat(start.length), (rest, honest) => {
        const reader = createFrameReader(plainSession(), primitives, 2048);
        try {
          for (const chunk of [start.subarray(0, honest), ...rest]) readAll(reader, chunk, 1000);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('any body under right MACs is read or refused', () => {
    const body = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(body, fc.integer({ min: 17, max: 32 }), (plain, size) => {
        const reader = createFrameReader(plainSession(), primitives, 2048);
        try {
          expect(readAll(reader, sealedPlain(size, plain), 1000)).toHaveLength(1);
        } catch (error) {
          expect(error).toMatchObject({ fault: 'malformedFrame' });
        }
      }),
      { numRuns: 300 },
    );
  });
});
