import { expect, test } from 'vitest';

import { keccakTables } from '../../../src/io/crypto/keccak-tables.ts';

const { roundConstants, rotations, targets } = keccakTables();

// source: the Keccak reference, version 3.0, tables 2.1 and 2.2 of its specifications summary

test('the round constants are the published ones', () => {
  const shown = roundConstants.map((constant) => constant.toString(16).padStart(16, '0'));
  expect(shown).toHaveLength(24);
  expect(shown.slice(0, 6)).toEqual([
    '0000000000000001',
    '0000000000008082',
    '800000000000808a',
    '8000000080008000',
    '000000000000808b',
    '0000000080000001',
  ]);
  expect(shown.slice(-2)).toEqual(['0000000080000001', '8000000080008008']);
});

test('the rotations are the published ones', () => {
  expect(rotations).toEqual([
    ...[0, 1, 62, 28, 27],
    ...[36, 44, 6, 55, 20],
    ...[3, 10, 43, 25, 39],
    ...[41, 45, 15, 21, 8],
    ...[18, 2, 61, 56, 14],
  ]);
});

test('each lane moves to another place of its own, except the first, which stays', () => {
  expect(new Set(targets).size).toBe(25);
  expect(targets.filter((to, from) => to === from)).toEqual([0]);
});
