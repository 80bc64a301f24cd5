import { expect, test } from 'vitest';

import { textWidth } from '../../src/charts/text-width.ts';

test('a text is at least as wide as in the widest usual font', () => {
  // measured in Chromium with DejaVu Sans, in px
  expect(textWidth('awaitingProtocols', 13, true)).toBeGreaterThanOrEqual(133);
  expect(textWidth('after pongBackstop (60 s)', 11)).toBeGreaterThanOrEqual(143);
  expect(textWidth('incompatibleVersion', 12)).toBeGreaterThanOrEqual(122);
});

test('a text is not twice as wide as in that font', () => {
  expect(textWidth('awaitingProtocols', 13, true)).toBeLessThan(190);
});

test('the width is a whole number and grows with letters, size and weight', () => {
  expect(textWidth('', 13)).toBe(0);
  expect(textWidth('mm', 13)).toBeGreaterThan(textWidth('m', 13));
  expect(textWidth('m', 26)).toBeGreaterThan(textWidth('m', 13));
  expect(textWidth('mmm', 13, true)).toBeGreaterThan(textWidth('mmm', 13));
  expect(textWidth('i', 12)).toBeLessThan(textWidth('w', 12));
  expect(Number.isInteger(textWidth('odd 世界', 11))).toBe(true);
});
