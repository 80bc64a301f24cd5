import { expect, test } from 'vitest';
import { ago } from '../../../../src/inspect/page/model/ago.ts';

test.for([
  [-5, 'now'],
  [999, 'now'],
  [1_000, '1 s ago'],
  [59_999, '59 s ago'],
  [60_000, '1 min ago'],
  [3_599_999, '59 min ago'],
  [3_600_000, '1 h ago'],
  [86_399_999, '23 h ago'],
  [86_400_000, '1 d ago'],
] as const)('%i ms are %s', ([ms, words]) => {
  expect(ago(ms)).toBe(words);
});
