import { expect, test } from 'vitest';

import { missedAfterTwoRefreshes } from '../../support/lookup-network.ts';

test.for([
  [1, 0],
  [2, 0.2],
] as const)(
  '30 nodes that know one bootnode find each other (seed %i, loss %f)',
  ([seed, loss]) => {
    expect(missedAfterTwoRefreshes(30, seed, loss, 2)).toBe(0);
  },
);
