import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createByteIntake } from '../../../src/io/crypto/byte-intake.ts';
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
});
