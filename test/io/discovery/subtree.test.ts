import { describe, expect, test } from 'vitest';

import { MAX_TREE_DEPTH, MAX_TREE_ENTRIES, Subtree } from '../../../src/io/discovery/subtree.ts';
import { countingRandom } from '../../support/dns-run.ts';

const random = countingRandom();

const drained = (subtree: Subtree) => {
  const hashes: string[] = [];
  for (let place = subtree.take(random); place; place = subtree.take(random))
    hashes.push(place.hash);
  return hashes;
};

describe('the unread entries of half a list', () => {
  test('are each taken once', () => {
    const subtree = new Subtree('root');
    expect(subtree.take(random)).toEqual({ hash: 'root', depth: 0 });
    const hashes = Array.from({ length: 50 }, (_, i) => `${i}`);
    subtree.add(hashes, 1);
    const taken = drained(subtree);
    expect(taken).not.toEqual(hashes);
    expect(taken.sort()).toEqual(hashes.sort());
    expect([subtree.size, subtree.take(random)]).toEqual([0, null]);
  });

  test('have each the same chance to be the next', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 400; i += 1) {
      const subtree = new Subtree('a');
      subtree.add(['b', 'c', 'd'], 1);
      const { hash } = subtree.take(random)!;
      counts.set(hash, (counts.get(hash) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([100, 100, 100, 100]);
  });

  test('are not added again, so that a circle ends', () => {
    const subtree = new Subtree('root');
    subtree.take(random);
    subtree.add(['root', 'a', 'a'], 1);
    expect(drained(subtree)).toEqual(['a']);
  });

  test(`are ${MAX_TREE_ENTRIES} at most in one round`, () => {
    const subtree = new Subtree('root');
    for (let i = 0; i < MAX_TREE_ENTRIES + 5; i += 1) subtree.add([`${i}`], 1);
    expect(subtree.size).toBe(MAX_TREE_ENTRIES);
    drained(subtree);
    subtree.add(['more'], 1);
    expect(subtree.size).toBe(0);
  });

  test(`are ${MAX_TREE_DEPTH} branches deep at most`, () => {
    const subtree = new Subtree('root');
    subtree.add(['deep'], MAX_TREE_DEPTH);
    subtree.add(['too deep'], MAX_TREE_DEPTH + 1);
    expect(drained(subtree).sort()).toEqual(['deep', 'root']);
  });

  test('are none without a root', () => {
    expect(new Subtree(null).take(random)).toBeNull();
  });
});
