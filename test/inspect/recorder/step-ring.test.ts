import { describe, expect, test } from 'vitest';

import {
  MAX_STEP_TRANSITIONS,
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
  test('returns what was written', () => {
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

  test('without first steps keeps the latest', () => {
    expect(sequences(filled(new StepRing(0, 3), 10))).toEqual([8, 9, 10]);
  });

  test('returns only steps after a sequence', () => {
    expect(sequences(filled(new StepRing(2, 3), 100), 98)).toEqual([99, 100]);
  });

  test('returns an even sample of too many, always with the last one', () => {
    const ring = filled(new StepRing(0, 100), 100);
    expect(sequences(ring, 0, 4)).toEqual([25, 50, 75, 100]);
    expect(sequences(ring, 97, 4)).toEqual([98, 99, 100]);
    expect(sequences(ring, 100, 4)).toEqual([]);
  });

  test('keeps as many transitions of a step as fit', () => {
    const ring = new StepRing(1, 1);
    const transitions = Array.from({ length: MAX_STEP_TRANSITIONS + 2 }, (_, number) => number);
    ring.write(1, 1, 0, 0, 0, transitions);
    expect(ring.after(0)[0]!.slice(5)).toEqual(transitions.slice(0, MAX_STEP_TRANSITIONS));
  });

  test('is small until it needs more, and never larger than its limit', () => {
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

  test('is empty after clear', () => {
    const ring = filled(new StepRing(2, 3), 9);
    ring.clear();
    expect([ring.count, ring.after(0)]).toEqual([0, []]);
    expect(sequences(filled(ring, 2))).toEqual([1, 2]);
  });
});

test('times are sent in tenths', () => {
  expect([tenths(1.249), tenths(1.25), tenths(0)]).toEqual([1.2, 1.3, 0]);
});
