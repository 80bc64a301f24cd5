import { expect, test } from 'vitest';

import { END_STATES, reasonTextOf } from '../../src/explain/end-states.ts';
import { REFUSALS } from '../../src/machines/connection/connection-endings.ts';
import { DIAL_FAILURES } from '../../src/machines/dialing/dial-failures.ts';
import { PEER_REJECTIONS } from '../../src/machines/peer/peer-endings.ts';

test.for([
  ['connectionRefused', DIAL_FAILURES.connectionRefused],
  ['refused.tooManyPeers', REFUSALS.tooManyPeers],
  ['ending.rejected.silence', PEER_REJECTIONS.silence],
] as const)('the words of %s are those of its chart', ([state, words]) => {
  expect(reasonTextOf(state)).toBe(words);
});

test.for(['', 'refused', 'tooManyPeers', 'constructor', 'refused.constructor'])(
  '"%s" is no end state',
  (state) => {
    expect(reasonTextOf(state)).toBeUndefined();
  },
);

test('every end state is listed once', () => {
  expect(new Set(END_STATES).size).toBe(END_STATES.length);
  expect(END_STATES).toContain('ending.failed.badFrameMac');
  expect(END_STATES.every((state) => reasonTextOf(state) !== undefined)).toBe(true);
});
