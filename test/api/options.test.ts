import { expect, test } from 'vitest';

import { DEFAULTS } from '../../src/api/options.ts';

test('the defaults cannot be changed, nor can what is inside them', () => {
  const inside = Object.values(DEFAULTS).filter((value) => typeof value === 'object');
  expect(inside).toEqual([{ host: '::', port: 30_303 }]);
  for (const value of [DEFAULTS, ...inside]) expect(Object.isFrozen(value)).toBe(true);
});
