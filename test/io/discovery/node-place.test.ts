import { expect, test } from 'vitest';

import { placeKey } from '../../../src/io/discovery/node-place.ts';

test('places differ by node, address and port', () => {
  const at = (id: string, host: string, port: number) => placeKey({ id, endpoint: { host, port } });
  const keys = [at('a', '::1', 1), at('b', '::1', 1), at('a', '::1', 11), at('a', '::11', 1)];
  expect(new Set(keys).size).toBe(4);
  expect(at('a', '::1', 1)).toBe(keys[0]);
});
