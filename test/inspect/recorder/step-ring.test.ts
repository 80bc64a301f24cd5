import { describe, expect, test } from 'vitest';

import {
  MAX_STEP_WAYS,
  STEP_BYTES,
  StepRing,
  tenths,
} from '../../../src/inspect/recorder/step-ring.ts';

const filled = (ring: StepRing, count: number): StepRing => {
  for (let step = 1; step <= count; step += 1) ring.write(step, 7, step * 10, 1, 2, [step]);
  return ring;
};

const sequences = (ring: StepRing, after = 0, max?: number): number[] =>
  ring.after(after, max).map(([sequence]) => sequence);

describe('a ring', () => {
  test('gives back what was written', () => {
    const ring = new StepRing(2, 2);
    ring.write(5, 7, 1.26, 65_534, 3, [0, 65_534]);
    ring.write(6, 7, 2, 0, 4, []);
    expect(ring.after(0)).toEqual([
      [5, 7, 1.3, 65_534, 3, 0, 65_534],
      [6, 7, 2, 0, 4],
    ]);
  });

  test.for([
    [3, [1, 2, 3]],
    [5, [1, 2, 3, 4, 5]],
    [6, [1, 2, 4, 5, 6]],
    [100, [1, 2, 98, 99, 100]],
  ] as const)('keeps the first and the latest of %i', ([count, kept]) => {
    expect(sequences(filled(new StepRing(2, 3), count))).toEqual(kept);
  });

  test('without first ones keeps the latest', () => {
    expect(sequences(filled(new StepRing(0, 3), 10))).toEqual([8, 9, 10]);
  });

  test('gives only what came after a sequence', () => {
    expect(sequences(filled(new StepRing(2, 3), 100), 98)).toEqual([99, 100]);
  });

  test('gives an even choice of too many, the last one always among them', () => {
    const ring = filled(new StepRing(0, 100), 100);
    expect(sequences(ring, 0, 4)).toEqual([25, 50, 75, 100]);
    expect(sequences(ring, 97, 4)).toEqual([98, 99, 100]);
    expect(sequences(ring, 100, 4)).toEqual([]);
  });

  test('keeps as many ways of a step as fit', () => {
    const ring = new StepRing(1, 1);
    const ways = Array.from({ length: MAX_STEP_WAYS + 2 }, (_, way) => way);
    ring.write(1, 1, 0, 0, 0, ways);
    expect(ring.after(0)[0]!.slice(5)).toEqual(ways.slice(0, MAX_STEP_WAYS));
  });

  test('is small until it has to be large, and never larger than that', () => {
    const ring = filled(new StepRing(32, 96), 16);
    expect(ring.bytes).toBe(16 * STEP_BYTES);
    filled(ring, 1);
    expect(ring.bytes).toBe(128 * STEP_BYTES);
    filled(ring, 10_000);
    expect(ring.bytes).toBe(128 * STEP_BYTES);
  });

  test('keeps what it had when it grows', () => {
    expect(sequences(filled(new StepRing(32, 96), 17))).toEqual(
      Array.from({ length: 17 }, (_, index) => index + 1),
    );
  });

  test('forgets everything for its next life', () => {
    const ring = filled(new StepRing(2, 3), 9);
    ring.clear();
    expect([ring.count, ring.after(0)]).toEqual([0, []]);
    expect(sequences(filled(ring, 2))).toEqual([1, 2]);
  });
});

test('times are sent in tenths', () => {
  expect([tenths(1.249), tenths(1.25), tenths(0)]).toEqual([1.2, 1.3, 0]);
});
