import { describe, expect, test } from 'vitest';

import { draw, drawNumber } from '../../../src/machines/dialing/seeded-draw.ts';

const letters = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('a draw', () => {
  test('is the same for the same seed, and goes on with another one', () => {
    const first = draw(letters, 3, 7);
    expect(draw(letters, 3, 7)).toEqual(first);
    expect(first.seed).not.toBe(7);
    expect(draw(letters, 3, 8).drawn).not.toEqual(first.drawn);
  });

  test('has no item twice, and does not change the list', () => {
    for (let seed = 0; seed < 100; seed += 1)
      expect([...draw(letters, 6, seed).drawn].sort()).toEqual(letters);
    expect(letters.join('')).toBe('abcdef');
  });

  test('has the number of items wanted, or all there are', () => {
    expect([draw(letters, 9, 1).drawn.length, draw(letters, 2, 1).drawn.length]).toEqual([6, 2]);
    expect([draw(letters, 0, 1), draw([], 3, 1)]).toEqual([
      { drawn: [], seed: 1 },
      { drawn: [], seed: 1 },
    ]);
  });

  test('is fair: each item comes first about equally often', () => {
    const firsts = new Map(letters.map((letter) => [letter, 0]));
    let seed = 42;
    for (let round = 0; round < 6_000; round += 1) {
      const { drawn, seed: next } = draw(letters, 1, seed);
      firsts.set(drawn[0]!, firsts.get(drawn[0]!)! + 1);
      seed = next;
    }
    for (const count of firsts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});

test('numbers are drawn from the whole range, and each as often as the others', () => {
  const counts = [0, 0, 0, 0];
  let seed = 1;
  for (let count = 0; count < 4_000; count += 1) {
    const drawn = drawNumber(counts.length, seed);
    seed = drawn.seed;
    counts[drawn.number]! += 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(100);
});

test('the same seed draws the same number', () => {
  expect(drawNumber(1_000, 7)).toEqual(drawNumber(1_000, 7));
  expect(drawNumber(1, 7).number).toBe(0);
});
