import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { fold } from '../../../../src/inspect/page/model/folding.ts';

const folded = (log: string) => fold([...log], (one, other) => one === other);
const text = (log: string) =>
  folded(log)
    .map(({ items, times }) => `${items.join('⇄')}×${times}`)
    .join(' ');

describe('a log', () => {
  test.for([
    ['', ''],
    ['a', 'a×1'],
    ['ab', 'a×1 b×1'],
    ['aaa', 'a×3'],
    ['aba', 'a×1 b×1 a×1'],
    ['abab', 'a⇄b×2'],
    ['ababa', 'a⇄b×2 a×1'],
    ['sababababx', 's×1 a⇄b×4 x×1'],
    ['aabab', 'a×2 b×1 a×1 b×1'],
    ['abba', 'a×1 b×2 a×1'],
  ])('%s is %s', ([log, lines]) => {
    expect(text(log!)).toBe(lines);
  });
});

test('each fold gives its first and last index', () => {
  expect(folded('xababy').map(({ first, last }) => [first, last])).toEqual([
    [0, 0],
    [1, 4],
    [5, 5],
  ]);
});

test('unfolding restores every log', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 }), (log) => {
      const back = fold(log, (one, other) => one === other).flatMap(({ items, times }) =>
        Array.from({ length: times }, () => items).flat(),
      );
      expect(back).toEqual(log);
    }),
    { seed: 3 },
  );
});
