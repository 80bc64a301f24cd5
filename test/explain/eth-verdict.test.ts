import { expect, test } from 'vitest';
import {
  type ChainClaim,
  type ChainMismatch,
  claimLines,
  mismatchWords,
  REFUSED_STATUS,
} from '../../src/explain/eth-verdict.ts';

const ours: ChainClaim = {
  networkId: 1n,
  network: 'mainnet',
  genesis: `d4e56740${'0'.repeat(52)}8fa3`,
  forkId: { hash: '07c9462e', next: 0n },
};
const theirs: ChainClaim = {
  networkId: 11_155_111n,
  network: 'sepolia',
  genesis: `25a5cc10${'0'.repeat(52)}6dd9`,
  forkId: { hash: '268956b6', next: 1_791_294_816n },
};

test.for<[string, ChainMismatch, ChainClaim, RegExp, RegExp]>([
  [
    'another public network',
    'wrongNetwork',
    theirs,
    /^They are on another network: theirs is 11155111 \(sepolia\), ours is 1 \(mainnet\)\.$/,
    /--network sepolia\.$/,
  ],
  [
    'a network without a name',
    'wrongNetwork',
    { ...theirs, networkId: 7n, network: null },
    /theirs is 7, ours/,
    /a file with --network\.$/,
  ],
  [
    'another genesis',
    'wrongGenesis',
    theirs,
    /our network id, 1, and another genesis/,
    /genesis file/,
  ],
  ['an old client', 'forkIdStale', theirs, /^Their fork id is too old: /, /^Try other nodes; /],
  [
    'a fork of theirs that has passed',
    'forkIdIncompatible',
    { ...theirs, forkId: { ...ours.forkId, next: 9n } },
    /too new: they expect a fork at 9, which has passed and is not in our list/,
    /^Update this program; /,
  ],
  ['forks of theirs', 'forkIdIncompatible', theirs, /too new, or of another branch/, /^Update /],
])('%s is explained', ([, mismatch, seen, verdict, remedy]) => {
  const words = mismatchWords(mismatch, { ours, theirs: seen });
  expect(words.verdict).toMatch(verdict);
  expect(words.remedy).toMatch(remedy);
  expect(words.confidence).toBe('certain');
});

test('the evidence has what both sides said, or that they did not', () => {
  expect(claimLines(ours, theirs)).toEqual([
    'their Status: network 11155111 (sepolia), genesis 25a5cc10…6dd9, fork id 268956b6, next fork at 1791294816',
    'our Status: network 1 (mainnet), genesis d4e56740…8fa3, fork id 07c9462e, no next fork',
  ]);
  expect(claimLines(null, null)).toEqual(['no Status of theirs arrived', 'we sent no Status']);
});

test('a Status that they refused, although it names their chain, is likely to have the wrong fork id', () => {
  expect(REFUSED_STATUS.verdict).toMatch(/too old or too new/);
  expect(REFUSED_STATUS.confidence).toBe('likely');
});
