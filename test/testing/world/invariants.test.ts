import { expect, test } from 'vitest';

import { describeViolation, INVARIANTS } from '../../../src/testing/world/invariants.ts';

test('a violation has its rule, time, actor, node and last events', () => {
  expect(
    describeViolation({
      invariant: 4,
      detail: '3 slots in use, limit 2',
      node: 'node 1',
      actor: 'listener',
      at: 1_500,
      trail: ['caller.seen → open.accepting', 'caller.seen → open.full'],
    }).split('\n'),
  ).toEqual([
    'invariant 4 (slots) is broken at 1.5 s by listener of node 1: 3 slots in use, limit 2',
    `  ${INVARIANTS[4].sentence}`,
    '  the last events of listener:',
    '    caller.seen → open.accepting',
    '    caller.seen → open.full',
  ]);
});
