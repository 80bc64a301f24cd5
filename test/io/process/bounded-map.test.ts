import { expect, test } from 'vitest';

import { BoundedMap } from '../../../src/io/process/bounded-map.ts';

test('keeps what was used last', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect([map.has('a'), map.has('b'), map.has('c'), map.size]).toEqual([true, false, true, 2]);
  expect([...map.values()]).toEqual([1, 3]);
  expect(map.get('b')).toBeUndefined();
});

test('a new value of a key pushes nothing out', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  expect([map.get('a'), map.get('b'), map.size]).toEqual([3, 2, 2]);
});

test('a look at whether a key is there is no use', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.has('a');
  expect(map.oldest()).toEqual(['a', 1]);
});

test('what is deleted is gone, and an empty map has no oldest entry', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.delete('a');
  expect([map.oldest(), map.size]).toEqual([null, 0]);
});
