import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Budget, BudgetShare, GUARANTEED_BYTES } from '../../../src/io/process/budget.ts';

const MIB = 1024 * 1024;

/** A budget of 100 MiB with shares that note when they are told of room. */
function newBudget(shares: number) {
  const budget = new Budget(100 * MIB);
  const told: number[] = [];
  const all = Array.from({ length: shares }, (_, i) => new BudgetShare(budget, () => told.push(i)));
  return { budget, all, told };
}

describe('a share', () => {
  test('may be as large as what is free beside it', () => {
    const { budget, all } = newBudget(2);
    const [a, b] = all;
    expect([a!.fits(50 * MIB), a!.fits(50 * MIB + 1)]).toEqual([true, false]);
    a!.hold(50 * MIB);
    expect([a!.fits(50 * MIB), a!.fits(50 * MIB + 1)]).toEqual([true, false]); // its own bytes count once
    expect([b!.fits(25 * MIB), b!.fits(25 * MIB + 1)]).toEqual([true, false]);
    expect([budget.heldBytes, budget.freeBytes]).toEqual([50 * MIB, 50 * MIB]);
  });

  test('that is the largest has to stop first', () => {
    const { all } = newBudget(3);
    const [large, small, other] = all;
    large!.hold(40 * MIB);
    small!.hold(5 * MIB);
    other!.hold(30 * MIB);
    expect(all.map((share) => share.fits(share.heldBytes))).toEqual([false, true, false]);
  });

  test('may be 64 KiB whatever others hold', () => {
    const { all } = newBudget(2);
    all[0]!.hold(200 * MIB);
    expect(GUARANTEED_BYTES).toBe(64 * 1024);
    expect([all[1]!.fits(64 * 1024), all[1]!.fits(64 * 1024 + 1)]).toEqual([true, false]);
  });

  test('is given back by holding less, and for good by closing', () => {
    const { budget, all } = newBudget(1);
    all[0]!.hold(30 * MIB);
    all[0]!.hold(10 * MIB);
    expect(budget.heldBytes).toBe(10 * MIB);
    all[0]!.close();
    all[0]!.hold(10 * MIB);
    expect([budget.heldBytes, all[0]!.heldBytes]).toEqual([0, 0]);
  });
});

describe('waiting for room', () => {
  test('calls back once, when the bytes fit', () => {
    const { all, told } = newBudget(2);
    all[0]!.hold(80 * MIB);
    expect(all[1]!.fitsOrWaits(15 * MIB)).toBe(false);
    all[0]!.hold(70 * MIB + 1);
    expect(told).toEqual([]);
    all[0]!.hold(70 * MIB);
    expect(told).toEqual([1]);
    all[0]!.hold(0);
    expect(told).toEqual([1]);
  });

  test('ends in the order in which it began', () => {
    const { all, told } = newBudget(4);
    all[0]!.hold(100 * MIB);
    for (const i of [2, 1, 3]) all[i]!.fitsOrWaits(MIB);
    all[0]!.close();
    expect(told).toEqual([2, 1, 3]);
  });

  test('ends when the bytes fit anyway, or when the share is closed', () => {
    const { all, told } = newBudget(3);
    all[0]!.hold(100 * MIB);
    for (const i of [1, 2]) all[i]!.fitsOrWaits(MIB);
    expect(all[1]!.fitsOrWaits(1)).toBe(true);
    all[2]!.close();
    all[0]!.hold(0);
    expect(told).toEqual([]);
    expect(all[2]!.fitsOrWaits(1_000 * MIB)).toBe(true); // a closed share holds nothing
  });

  test('a share that gets room may take it before the next one is called', () => {
    const budget = new Budget(100 * MIB);
    const hog = new BudgetShare(budget);
    const told: string[] = [];
    const first: BudgetShare = new BudgetShare(budget, () => {
      told.push('first');
      first.hold(30 * MIB);
    });
    const second = new BudgetShare(budget, () => told.push('second'));
    hog.hold(90 * MIB);
    for (const share of [first, second]) share.fitsOrWaits(30 * MIB);
    hog.hold(30 * MIB);
    expect(told).toEqual(['first']);
    hog.hold(0);
    expect(told).toEqual(['first', 'second']);
  });
});

test('shares that ask first never hold more than the budget and the guaranteed bytes', () => {
  const step = fc.tuple(fc.nat(19), fc.nat(60 * MIB));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { budget, all } = newBudget(20);
      for (const [who, bytes] of steps) if (all[who]!.fits(bytes)) all[who]!.hold(bytes);
      expect(budget.heldBytes).toBe(all.reduce((sum, { heldBytes }) => sum + heldBytes, 0));
      expect(budget.heldBytes).toBeLessThanOrEqual(100 * MIB + 20 * GUARANTEED_BYTES);
    }),
  );
});
