import { expect, test } from 'vitest';

import { missedAfterTwoRefreshes } from '../support/lookup-network.ts';

test.for([
  [30, 1, 0.2],
  [30, 2, 0.2],
  [30, 3, 0],
  [150, 4, 0],
] as const)(
  '%i nodes that know one bootnode find each other (seed %i, loss %f)',
  ([size, seed, loss]) => {
    expect(missedAfterTwoRefreshes(size, seed, loss, size > 100 ? 10 : 1)).toBe(0);
  },
);
