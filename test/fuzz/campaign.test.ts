/** The engine finds a defect behind a word that random input would not contain. */
import { afterEach, beforeEach, expect, test } from 'vitest';

import { BlockCoverage } from './block-coverage.ts';
import { Campaign } from './campaign.ts';
import type { Target } from './target.ts';

const WORD = [0x6d, 0x61, 0x67, 0x69];

beforeEach(() => {
  globalThis.fuzzBlocks = new Uint8Array(8);
});

afterEach(() => {
  globalThis.fuzzBlocks = undefined;
});

/** Breaks behind the word; each letter of it is a block of its own when `isCounted`. */
const planted = (isCounted: boolean): Target => ({
  name: 'planted',
  maxBytes: 16,
  seeds: () => [new Uint8Array(6)],
  run(input) {
    for (const [at, letter] of WORD.entries()) {
      if (input[at] !== letter) return;
      if (isCounted) globalThis.fuzzBlocks![at]! += 1;
    }
    throw new Error('the word was said');
  },
});

/** A clock that moves with each look, so that nothing depends on the machine. */
function campaignOf(target: Target, tried: Uint8Array[] = []): Campaign {
  let now = 0;
  return new Campaign(target, new BlockCoverage(), 1, {
    now: () => {
      now += 0.01;
      return now;
    },
    onInput: (input) => tried.push(input),
  });
}

const LONG_MS = 1_200;

test('coverage leads it there, and the inputs on the way are kept', async () => {
  const campaign = campaignOf(planted(true));
  const { crashes, executions, blocks } = await campaign.run(LONG_MS);
  expect(crashes.length).toBeGreaterThan(0);
  expect(crashes.every(({ input }) => WORD.every((letter, at) => input[at] === letter))).toBe(true);
  expect(crashes[0]!.why).toBe('the word was said');
  expect(executions).toBeLessThan(120_000);
  expect(blocks).toBe(WORD.length);
  expect(campaign.inputs).toHaveLength(WORD.length - 1); // one more letter each; the last is the crasher
});

test('without coverage, the same number of inputs does not get there', async () => {
  const { crashes, executions } = await campaignOf(planted(false)).run(LONG_MS);
  expect(executions).toBeGreaterThan(50_000);
  expect(crashes).toEqual([]);
});

test('the same seed tries the same inputs, none too long', async () => {
  const [first, second]: Uint8Array[][] = [[], []];
  await campaignOf(planted(true), first).run(20);
  await campaignOf(planted(true), second).run(20);
  expect(first!.length).toBeGreaterThan(100);
  expect(first).toEqual(second);
  expect(first!.every(({ length }) => length <= 16)).toBe(true);
});
