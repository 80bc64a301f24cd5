import { expect, test } from 'vitest';

import { refused } from '../../../src/io/discovery/request-results.ts';

test('a request of which nothing was sent ends at once, and its cancel does nothing', () => {
  const results: unknown[] = [];
  const cancel = refused('ownNode', (result) => results.push(result));
  cancel();
  expect(results).toEqual([{ type: 'refused', why: 'ownNode' }]);
});
