import { expect, test } from 'vitest';

import { checkOptions } from '../../src/server/config.ts';
import { enodeOf, keyOf } from '../support/world.ts';

const nodeKey = keyOf(1);

test('each version of discovery counts once, and v5 begins with the bootnodes of v4 unless it has its own', () => {
  const [boot, other] = [2, 3].map((number) => enodeOf(number));
  const config = checkOptions({ nodeKey, discovery: ['v5', 'v4', 'v5'], bootnodes: [boot!] });
  expect(config.discovery).toEqual(['v5', 'v4']);
  expect([config.bootnodesV5, config.discv5Listen]).toEqual([config.bootnodes, null]);
  const own = checkOptions({
    nodeKey,
    ...{ discovery: 'v5', bootnodesV5: [other!], bootnodes: [boot!] },
    discv5Listen: { host: '::ffff:127.0.0.1', port: 9_000 },
  });
  expect(own.discovery).toEqual(['v5']);
  expect(own.bootnodesV5.map(({ text }) => text)).toEqual([other]);
  expect(own.discv5Listen).toEqual({ host: '127.0.0.1', port: 9_000 });
  expect(checkOptions({ nodeKey, discovery: [] }).discovery).toEqual([]);
  expect(() => checkOptions({ nodeKey, discovery: ['v6'] as never })).toThrow(
    '"discovery" expected "v4", "v5"',
  );
});
