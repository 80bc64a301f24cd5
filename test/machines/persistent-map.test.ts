import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  countLabelled,
  firstWhere,
  PersistentMap,
  PersistentSet,
} from '../../src/machines/persistent-map.ts';

type Change = readonly ['set' | 'delete', key: string, value: number];

const changes = fc.array(
  fc.tuple(
    fc.constantFrom<'set' | 'delete'>('set', 'set', 'delete'),
    fc.integer({ min: 0, max: 300 }).map((n) => `node ${n}`),
    fc.integer({ min: 0, max: 4 }),
  ),
  { maxLength: 400, size: 'max' },
);

const labelsOf = (value: number): readonly string[] => [
  `${value}`,
  value % 2 === 0 ? 'even' : 'odd',
];

function applied(history: readonly Change[]) {
  const plain = new Map<string, number>();
  let map = PersistentMap.from<number>([], labelsOf);
  for (const [what, key, value] of history)
    if (what === 'set') {
      plain.set(key, value);
      map = map.with(key, value);
    } else {
      plain.delete(key);
      map = map.without(key);
    }
  return { plain, map };
}

test('after any changes it has what a Map has, in the same order', () => {
  fc.assert(
    fc.property(changes, (history) => {
      const { plain, map } = applied(history);
      expect([...map]).toEqual([...plain]);
      expect([...map.keys()]).toEqual([...plain.keys()]);
      expect([...map.values()]).toEqual([...plain.values()]);
      expect(map.size).toBe(plain.size);
      for (const [, key] of history) expect(map.get(key)).toBe(plain.get(key));
      for (const [, key] of history) expect(map.has(key)).toBe(plain.has(key));
      const places = [...map.keys()].map((key) => map.orderOf(key)!);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      const visited: [string, number][] = [];
      map.forEach((value, key) => {
        visited.push([key, value]);
      });
      expect(visited).toEqual([...plain]);
    }),
  );
});

test('the counts that it keeps are those of its entries', () => {
  fc.assert(
    fc.property(changes, (history) => {
      const { plain, map } = applied(history);
      for (const label of ['even', 'odd', '0', '3', 'none']) {
        expect(map.keptCount(label, labelsOf)).toBe(countLabelled(plain, label, labelsOf));
        expect(countLabelled(map, label, labelsOf)).toBe(countLabelled(plain, label, labelsOf));
      }
    }),
  );
});

test('entries are counted one by one under labels that it does not keep', () => {
  const map = PersistentMap.from([['a', 1] as const]);
  expect(map.keptCount('odd', labelsOf)).toBeNull();
  expect(countLabelled(map, 'odd', labelsOf)).toBe(1);
});

test('a change leaves the map that was changed as it was', () => {
  fc.assert(
    fc.property(changes, changes, (history, later) => {
      const { map } = applied(history);
      const before = [...map];
      let next = map;
      for (const [what, key, value] of later)
        next = what === 'set' ? next.with(key, value) : next.without(key);
      expect([...map]).toEqual(before);
      expect(map.size).toBe(before.length);
    }),
  );
});

test('what changes nothing gives the same map', () => {
  const map = PersistentMap.from([['a', 1] as const]);
  expect(map.with('a', 1)).toBe(map);
  expect(map.without('b')).toBe(map);
});

test('a set has what a Set has, in the same order', () => {
  fc.assert(
    fc.property(changes, (history) => {
      const plain = new Set<string>();
      let set = PersistentSet.from();
      for (const [what, key] of history) {
        if (what === 'set') plain.add(key);
        else plain.delete(key);
        set = what === 'set' ? set.with(key) : set.without(key);
      }
      expect([...set]).toEqual([...plain]);
      expect([...set.entries()]).toEqual([...plain.entries()]);
      expect([...set.values()]).toEqual([...set.keys()]);
      expect(set.size).toBe(plain.size);
      for (const [, key] of history) expect(set.has(key)).toBe(plain.has(key));
      const visited: string[] = [];
      set.forEach((id) => {
        visited.push(id);
      });
      expect(visited).toEqual([...plain]);
      expect(set.without('unknown')).toBe(set);
    }),
  );
});

test('the first value that passes a test is the one that an iteration finds first', () => {
  fc.assert(
    fc.property(changes, fc.integer({ min: 0, max: 3 }), (history, rest) => {
      const plain = new Map<string, number>();
      let map = PersistentMap.from<number>();
      for (const [what, key, value] of history) {
        if (what === 'set') plain.set(key, value);
        else plain.delete(key);
        map = what === 'set' ? map.with(key, value) : map.without(key);
      }
      const passes = (value: number): boolean => value % 4 === rest;
      const expected = [...plain.values()].find(passes);
      expect(firstWhere(map, passes)).toBe(expected);
      expect(firstWhere(plain, passes)).toBe(expected);
    }),
  );
});
