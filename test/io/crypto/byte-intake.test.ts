import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createByteIntake, MAX_SPARE_BYTES, recycle } from '../../../src/io/crypto/byte-intake.ts';
import { pieces, toHex } from '../../support/crypto.ts';
import { copiedBytes } from '../../support/frames.ts';

describe('ByteIntake', () => {
  test('stops at the bytes wanted, whatever the pieces are', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 70 }), fc.nat(500), (stream, size, wanted) => {
        const intake = createByteIntake();
        let taken = 0;
        for (const piece of pieces(stream, size)) taken += intake.fill(wanted, piece, 0);
        const expected = stream.subarray(0, wanted);
        expect(taken).toBe(expected.length);
        expect(toHex(intake.peek())).toBe(toHex(expected));
        expect(toHex(intake.release())).toBe(toHex(expected));
        expect(intake.length()).toBe(0);
      }),
    );
  });

  test('takes no byte when it holds more than is wanted', () => {
    const intake = createByteIntake();
    expect(intake.fill(5, new Uint8Array(9), 1)).toBe(6);
    expect(intake.fill(3, new Uint8Array(9), 6)).toBe(6);
    expect(intake.length()).toBe(5);
  });

  test('F2: memory follows what came, not what was announced', () => {
    const intake = createByteIntake();
    intake.fill(16 * 1024 * 1024, new Uint8Array(100), 0);
    expect(intake.peek().buffer.byteLength).toBeLessThan(1024);
  });

  test('F3: a byte is copied a few times at most, however small the pieces are', () => {
    const bytes = 8 * 1024;
    const copied = copiedBytes(() => {
      const intake = createByteIntake();
      for (const piece of pieces(new Uint8Array(bytes), 1)) intake.fill(bytes, piece, 0);
      expect(intake.length()).toBe(bytes);
    });
    expect(copied / bytes).toBeLessThanOrEqual(3);
  });

  test('what it hands over is its own memory, and exactly as long as wanted', () => {
    const chunk = new Uint8Array(64 * 1024);
    const intake = createByteIntake();
    intake.fill(200, chunk, 65_500);
    intake.fill(200, chunk, 0);
    const bytes = intake.release();
    chunk.fill(1);
    expect(bytes.buffer.byteLength).toBe(200);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  describe('memory that is used again', () => {
    /** An intake that has taken so many bytes, the last of a message of this size. */
    const filled = (bytes: number, wanted = bytes) => {
      const intake = createByteIntake();
      intake.fill(wanted, new Uint8Array(bytes).fill(7), 0);
      return intake;
    };

    test('is that of the last large message of any connection', () => {
      recycle(filled(900_000).release());
      const first = filled(300_000).release();
      recycle(first);
      const second = filled(300_000).release();
      expect(second.buffer).toBe(first.buffer);
      expect(filled(300_000).release().buffer).not.toBe(first.buffer); // it is in use
    });

    test('F2: has at most four times the bytes that have arrived', () => {
      const large = filled(1_000_000).release();
      recycle(large);
      expect(filled(200_000, 16 * 1024 * 1024).peek().buffer).not.toBe(large.buffer);
      expect(filled(250_000, 16 * 1024 * 1024).peek().buffer).toBe(large.buffer);
    });

    test('is not taken when a new buffer would last longer', () => {
      const large = filled(300_000).release();
      recycle(large);
      const intake = filled(200_000, 1_000_000);
      expect(intake.peek().buffer).toBe(large.buffer);
      recycle(filled(310_000).release());
      intake.fill(1_000_000, new Uint8Array(105_000), 0);
      expect(intake.peek().buffer.byteLength).toBe(600_000);
    });

    test('is not that of a small message', () => {
      const large = filled(300_000).release();
      recycle(large);
      recycle(filled(1000).release());
      expect(filled(300_000).release().buffer).toBe(large.buffer);
    });

    test('is not kept beyond a limit', () => {
      const large = filled(MAX_SPARE_BYTES + 1).release();
      recycle(large);
      expect(filled(MAX_SPARE_BYTES + 1).release().buffer).not.toBe(large.buffer);
    });

    test('shows nothing of what was in it', () => {
      recycle(filled(400_000).release());
      const intake = createByteIntake();
      intake.fill(400_000, new Uint8Array(150_000).fill(1), 0);
      expect(intake.peek()).toEqual(new Uint8Array(150_000).fill(1));
    });
  });
});
