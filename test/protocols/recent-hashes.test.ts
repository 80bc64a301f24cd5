import { expect, test } from 'vitest';
import { RecentHashes } from '../../src/protocols/recent-hashes.ts';

test('a hash is new once, until so many others came after it', () => {
  const hashes = new RecentHashes(2);
  expect(['a', 'b', 'a', 'c'].map((hash) => hashes.add(hash))).toEqual([true, true, false, true]);
  expect(['a', 'b', 'c'].map((hash) => hashes.has(hash))).toEqual([false, true, true]);
  expect(hashes.add('a')).toBe(true);
});
