import { expect, test } from 'vitest';
import { lasting } from '../../src/explain/rule.ts';

test.for([
  [0, 'less than 1 s'],
  [999, 'less than 1 s'],
  [1_000, '1 s'],
  [15_400, '15 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [3_600_000, '60 min'],
] as const)('%i ms are %s', ([ms, text]) => {
  expect(lasting(ms)).toBe(text);
});
