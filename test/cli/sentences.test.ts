import { describe, expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';

import { reasonOf, sentenceOf } from '../../src/cli/sentences.ts';
import {
  FAILURES,
  REFUSALS,
  REJECTIONS,
} from '../../src/machines/connection/connection-endings.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { DIAL_FAILURES } from '../../src/machines/dialing/dial-failures.ts';
import { peerMachine } from '../../src/machines/peer/peer.ts';
import {
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
} from '../../src/machines/peer/peer-endings.ts';

describe('the sentence of a state', () => {
  test.for([
    ['connectionRefused', DIAL_FAILURES.connectionRefused.sentence],
    ['rejected.tooManyPeers', REJECTIONS.tooManyPeers.sentence],
    ['refused.tooManyPeers', REFUSALS.tooManyPeers.sentence],
    ['failed.connectionClosed', FAILURES.connectionClosed.sentence],
    ['ending.rejected.pongTimeout', PEER_REJECTIONS.pongTimeout.sentence],
    ['ending.refused.requested', PEER_REFUSALS.requested.sentence],
    ['ending.failed.badFrameMac', PEER_FAILURES.badFrameMac.sentence],
  ] as const)('%s comes from its own table', ([state, sentence]) => {
    expect(sentenceOf(state)).toBe(sentence);
  });

  test('exists for every reason that is a state of a chart', () => {
    const leaves = [connectionSetupMachine.root, peerMachine.root].flatMap(leavesOf);
    const states = leaves.filter((path) => GROUPS.test(path));

    expect(states.length).toBeGreaterThan(60);
    expect(states.filter((state) => sentenceOf(state) === state)).toEqual([]);
  });

  test.for(['', '.', 'admitted', 'nonsense', 'rejected', 'rejected.constructor', 'x.tooManyPeers'])(
    '"%s" has none and stays itself',
    (state) => {
      expect(sentenceOf(state)).toBe(state);
    },
  );
});

test('the reason is the last part of a state', () => {
  expect(reasonOf('ending.refused.tooManyPeers')).toBe('tooManyPeers');
  expect(reasonOf('connectionRefused')).toBe('connectionRefused');
});

const GROUPS = /^(?:rejected|refused|failed|ending)\./;

const leavesOf = (node: AnyStateNode): readonly string[] => {
  const children = Object.values(node.states);
  return children.length > 0 ? children.flatMap(leavesOf) : [node.path.join('.')];
};
