import fc from 'fast-check';
import { expect, test } from 'vitest';

import { segmentsOf } from '../../../../src/inspect/page/model/time-axis.ts';

test('3 ms and 3 h are both visible in one bar', () => {
  const [short, long] = segmentsOf([0, 3], 3 + 3 * 3_600_000);
  expect([short!.ms, long!.ms]).toEqual([3, 10_800_000]);
  expect(short!.width).toBeGreaterThan(0.08);
  expect(long!.width).toBeGreaterThan(short!.width * 5);
});

test('segments are contiguous and fill the bar for any times', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 50 }),
      (times) => {
        const segments = segmentsOf(times, 5e8);
        let end = 0;
        for (const { start, width, ms } of segments) {
          expect(start).toBeCloseTo(end, 9);
          expect(width).toBeGreaterThan(0);
          expect(ms).toBeGreaterThanOrEqual(0);
          end = start + width;
        }
        expect(end).toBeCloseTo(1, 9);
      },
    ),
    { seed: 4 },
  );
});

test('without steps there are no segments', () => {
  expect(segmentsOf([], 9)).toEqual([]);
});
