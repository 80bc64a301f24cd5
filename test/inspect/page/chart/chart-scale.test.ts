import { expect, test } from 'vitest';

import {
  bounded,
  fittingScale,
  scrollTo,
  stepped,
} from '../../../../src/inspect/page/chart/chart-scale.ts';

const canvas = { width: 624, height: 424 };
const at = (x: number, y: number) => ({ x, y, width: 100, height: 40 });

test('a small picture is enlarged a little, a large one is never drawn below its own size', () => {
  expect(fittingScale({ width: 200, height: 100 }, canvas)).toBe(1.25);
  expect(fittingScale({ width: 500, height: 100 }, canvas)).toBeCloseTo(1.2);
  expect(fittingScale({ width: 1300, height: 1400 }, canvas)).toBe(1);
  expect(fittingScale({ width: 1300, height: 1400 }, { width: 0, height: 0 })).toBe(1);
});

test('zooming stays between the readable and the largest scale', () => {
  expect([bounded(0.2), bounded(2), bounded(9)]).toEqual([1, 2, 3]);
  expect([stepped(1, 1), stepped(1.25, 1), stepped(1.25, -1), stepped(1, -1)]).toEqual([
    1.25, 1.55, 1, 1,
  ]);
});

test('a place is scrolled into the middle, but not past the left and upper ends', () => {
  expect(scrollTo([at(1000, 800)], 1, canvas)).toEqual([12 + 1050 - 312, 12 + 820 - 212]);
  expect(scrollTo([at(0, 0)], 1, canvas)).toEqual([0, 0]);
  expect(scrollTo([], 1, canvas)).toBeNull();
});

test('further places are in the middle too while all of them fit', () => {
  const [first, near, far] = [at(1000, 800), at(1300, 800), at(3000, 800)];
  expect(scrollTo([first, near, far], 1, canvas)).toEqual([12 + 1200 - 312, 12 + 820 - 212]);
  expect(scrollTo([first, near], 2, canvas)).toEqual([12 + 2100 - 312, 12 + 1640 - 212]);
});
