import { expect, test } from 'vitest';

import { freeShift } from '../../src/charts/word-place.ts';

const place = { x: 100, y: 50, width: 200 };
const content = { width: 80, height: 30 };
const downAt = (x: number) =>
  [
    [x, 0],
    [x, 100],
  ] as const;

test('texts do not move when no line crosses them', () => {
  expect(freeShift(place, content, [])).toBe(0);
  expect(freeShift(place, content, [downAt(250), downAt(90)])).toBe(0);
  const below = [
    [0, 81],
    [400, 81],
  ] as const;
  expect(freeShift(place, content, [below])).toBe(0);
});

test('texts move aside from a line through them', () => {
  expect(freeShift(place, content, [downAt(120)])).toBe(12);
});

test('texts have no position when lines cover every one', () => {
  expect(freeShift(place, content, [downAt(140), downAt(200), downAt(260)])).toBeNull();
  const across = [
    [0, 60],
    [400, 60],
  ] as const;
  expect(freeShift(place, content, [across])).toBeNull();
});
