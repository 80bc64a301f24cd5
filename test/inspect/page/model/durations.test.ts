import { expect, test } from 'vitest';

import { amount, bytes, duration, readSpan } from '../../../../src/inspect/page/model/durations.ts';

test.for<[ms: number, text: string]>([
  [-5, '0 ms'],
  [0.4, '0 ms'],
  [36.4, '36 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [8_345, '8.3 s'],
  [59_990, '59.9 s'],
  [60_000, '1 m'],
  [125_000, '2 m 5 s'],
  [3_600_000, '1 h'],
  [11_520_000, '3 h 12 m'],
  [352_800_000, '4 d 2 h'],
])('%d ms are %s', ([ms, text]) => {
  expect(duration(ms)).toBe(text);
});

test.for<[count: number, text: string]>([
  [0, '0'],
  [9_999, '9,999'],
  [10_000, '10 k'],
  [999_499, '999 k'],
  [999_500, '1.0 M'],
  [2_345_678, '2.3 M'],
])('%d is %s', ([count, text]) => {
  expect(amount(count)).toBe(text);
});

test.for<[count: number, text: string]>([
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [12_345, '12 kB'],
  [999_500, '1.0 MB'],
  [5_500_000_000, '5.5 GB'],
])('%d bytes are %s', ([count, text]) => {
  expect(bytes(count)).toBe(text);
});

test.for<[text: string, span: unknown]>([
  ['5', { is: '>', ms: 5_000 }],
  ['<200ms', { is: '<', ms: 200 }],
  ['>=2m', { is: '>', ms: 120_000 }],
  ['>1.5h', { is: '>', ms: 5_400_000 }],
  ['<1d', { is: '<', ms: 86_400_000 }],
  ['', null],
  ['five', null],
  ['5 s', null],
  ['-5', null],
])('%s as a span', ([text, span]) => {
  expect(readSpan(text)).toEqual(span);
});
