import { expect, test } from 'vitest';
import {
  ETH_FAILURES,
  ETH_REFUSALS,
  ETH_REJECTIONS,
  judgeStatus,
} from '../../../src/machines/eth/eth-endings.ts';
import { OUR_STATUS } from '../../support/eth-session-run.ts';

test('every ending says what happened and what to do, in a sentence each', () => {
  for (const table of [ETH_REJECTIONS, ETH_REFUSALS, ETH_FAILURES])
    for (const { sentence, remedy } of Object.values(table)) {
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
});

test('a late Status is the only rejection that go-ethereum sends with 0x0b, and asking too much is ours', () => {
  const others = Object.entries(ETH_REJECTIONS)
    .filter(([, { wireReason }]) => wireReason !== 'subprotocolError')
    .map(([reason, { wireReason }]) => [reason, wireReason]);
  expect(others).toEqual([
    ['statusTimeout', 'readTimeout'],
    ['tooManyRequests', 'breachOfProtocol'],
    ['closedByUs', null],
  ]);
});

test('a Status like ours is accepted', () => {
  expect(
    judgeStatus(OUR_STATUS, { ...OUR_STATUS, forkId: 'compatible', isRangeValid: true }),
  ).toEqual({
    type: 'accept',
  });
});
