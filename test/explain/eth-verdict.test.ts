import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../src/api/explanation.ts';
import {
  type ChainClaim,
  type ChainMismatch,
  claimLines,
  type EthSeen,
  ethSentenceOf,
  explainEth,
  keptWords,
} from '../../src/explain/eth-verdict.ts';
import { ETH_REJECTIONS } from '../../src/machines/eth/eth-endings.ts';

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

const GIVEN: Explanation = {
  verdict: 'A subprotocol ended it.',
  remedy: 'Read the log.',
  confidence: 'possible',
  evidence: ['seen'],
};

const REJECTED = 'ending.rejected.subprotocolError';
const session = (state: string, seen: ChainClaim | null = theirs): EthSeen => ({
  ...{ protocol: 'eth/69', ours, theirs: seen, state },
});

describe('a session that we reject', () => {
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
  ])('for %s is explained', ([, mismatch, seen, verdict, remedy]) => {
    const told = explainEth(GIVEN, REJECTED, session(`rejected.${mismatch}`, seen));
    expect(told.verdict).toMatch(verdict);
    expect(told.remedy).toMatch(remedy);
    expect(told.confidence).toBe('certain');
    expect(told.evidence.at(-1)).toBe(`session of eth/69: rejected.${mismatch}`);
  });

  test('for another reason has the sentence of its table', () => {
    const { sentence, remedy, confidence } = ETH_REJECTIONS.statusTimeout;
    expect(explainEth(GIVEN, REJECTED, session('rejected.statusTimeout', null))).toMatchObject({
      ...{ verdict: sentence, remedy, confidence },
      evidence: expect.arrayContaining(['seen', 'no Status of theirs arrived']),
    });
  });
});

describe('a session that they refuse', () => {
  test('after both Status, with the error of a subprotocol, did not accept ours', () => {
    const told = explainEth(
      GIVEN,
      'ending.refused.subprotocolError',
      session('refused.afterStatus'),
    );
    expect(told.verdict).toMatch(/too old or too new/);
    expect(told.confidence).toBe('likely');
  });

  test('for want of our Status got it too late', () => {
    const told = explainEth(GIVEN, 'ending.refused.readTimeout', session('refused.afterStatus'));
    expect(told.verdict).toMatch(/did not come in time, and we sent it/);
  });

  test.for(['refused.afterStatus', 'refused.beforeStatus', 'failed.linkBroke', 'active.confirmed'])(
    'with another reason keeps its explanation, and has both Status as evidence: %s',
    (state) => {
      const told = explainEth(GIVEN, 'ending.refused.tooManyPeers', session(state));
      expect(told).toMatchObject({ verdict: GIVEN.verdict, remedy: GIVEN.remedy });
      expect(told.evidence).toHaveLength(4);
    },
  );
});

describe('a peer that stayed', () => {
  test('and is confirmed accepts our Status', () => {
    expect(keptWords(session('active.confirmed', ours), 6_000)).toEqual({
      verdict:
        'They are our peer on network 1 (mainnet): they accept our Status of eth/69, and stayed connected for 6 s.',
      remedy: 'Nothing.',
      confidence: 'certain',
    });
  });

  test('for a shorter time has not refused it', () => {
    const words = keptWords(session('active.unconfirmed', ours), 2_040);
    expect(words?.verdict).toMatch(/they have not refused ours, and stayed connected for 2 s\.$/);
    expect(words?.confidence).toBe('likely');
  });

  test('and sent no Status yet may still be refused', () => {
    expect(keptWords(session('awaitingStatus', null), 2_000)).toMatchObject({
      verdict: 'They stayed connected for 2 s, and sent no Status of eth/69 yet.',
      confidence: 'unknown',
    });
    expect(keptWords(session('failed.internalError', null), 2_000)).toBe(null);
  });
});

test('each end state of a session has its sentence', () => {
  expect(ethSentenceOf('rejected.wrongNetwork')).toMatch(/another network/);
  expect(ethSentenceOf('refused.laterOn')).toMatch(/accepted our Status/);
  expect(ethSentenceOf('failed.linkBroke')).toMatch(/broke/);
  expect(ethSentenceOf('nowhere')).toBe('nowhere');
});

test('the evidence has what both sides said, or that they did not', () => {
  expect(claimLines(ours, theirs)).toEqual([
    'their Status: network 11155111 (sepolia), genesis 25a5cc10…6dd9, fork id 268956b6, next fork at 1791294816',
    'our Status: network 1 (mainnet), genesis d4e56740…8fa3, fork id 07c9462e, no next fork',
  ]);
  expect(claimLines(ours, null)[0]).toBe('no Status of theirs arrived');
});
