import { expect, test } from 'vitest';

import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';

const draws = (random: SeededRandom) => Array.from({ length: 8 }, () => random.uint32());

test('the same seed gives the same numbers, another seed different ones', () => {
  expect(draws(new SeededRandom(7))).toEqual(draws(new SeededRandom('7')));
  expect(draws(new SeededRandom(7))).not.toEqual(draws(new SeededRandom(8)));
});

test('the numbers of a seed never change', () => {
  expect(draws(new SeededRandom('peerchart')).slice(0, 3)).toMatchInlineSnapshot(`
    [
      1603775551,
      3533337273,
      2899358573,
    ]
  `);
  expect([...new SeededRandom('peerchart').bytes(5)]).toMatchInlineSnapshot(`
    [
      63,
      172,
      151,
      95,
      185,
    ]
  `);
});

test('a fork depends on its name, not on earlier draws', () => {
  const random = new SeededRandom(1);
  const early = draws(random.fork('a'));
  random.uint32();
  expect(draws(random.fork('a'))).toEqual(early);
  expect(draws(random.fork('b'))).not.toEqual(early);
});

test('integers cover their whole range about evenly', () => {
  const random = new SeededRandom('range');
  const counts = new Map<number, number>();
  for (let draw = 0; draw < 6_000; draw += 1) {
    const number = random.between(3, 8);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([3, 4, 5, 6, 7, 8]);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('a chance is true at its rate', () => {
  const random = new SeededRandom('chance');
  const hits = Array.from({ length: 4_000 }, () => random.chance(0.25)).filter(Boolean).length;
  expect(Math.abs(hits - 1_000)).toBeLessThan(120);
  expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
});

test('pick returns one item, shuffled all of them', () => {
  const random = new SeededRandom('picks');
  const items = ['a', 'b', 'c', 'd', 'e', 'f'];
  expect(items).toContain(random.pick(items));
  expect(random.shuffled(items).sort()).toEqual(items);
  expect(random.shuffled(items)).not.toEqual(items);
  expect(() => random.pick([])).toThrow(RangeError);
});

test('bytes has the requested length and covers every value', () => {
  const random = new SeededRandom('bytes');
  expect(random.bytes(0)).toEqual(new Uint8Array());
  expect(random.bytes(7)).toHaveLength(7);
  expect(new Set(random.bytes(4_000)).size).toBe(256);
});
