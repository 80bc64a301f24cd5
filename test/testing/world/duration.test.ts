import { expect, test } from 'vitest';

import { toMs } from '../../../src/testing/world/duration.ts';

test.for([
  [0, 0],
  [250, 250],
  ['250ms', 250],
  ['1.5s', 1_500],
  ['10m', 600_000],
  ['8h', 28_800_000],
  ['1d', 86_400_000],
] as const)('%s is %i ms', ([duration, ms]) => {
  expect(toMs(duration)).toBe(ms);
});

test.for([-1, Number.NaN, '', '10', 'm', '-1s', '1 s', '1w'])(
  '%s is not a duration',
  (duration) => {
    expect(() => toMs(duration)).toThrow(TypeError);
  },
);
