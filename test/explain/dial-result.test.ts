import { describe, expect, test } from 'vitest';
import { dialResult } from '../../src/explain/dial-result.ts';
import { END_STATES } from '../../src/explain/end-states.ts';
import type { Outcome } from '../../src/explain/explain.ts';
import { DIAL_FAILURES, type DialFailure } from '../../src/machines/dialing/dial-failures.ts';
import { somePeer } from '../cli/some-reports.ts';
import { NO_EFFORT } from '../support/explained.ts';

const dial = (state: DialFailure): Outcome => ({
  type: 'dialFailed',
  target: { id: 'ab', publicKey: '', host: '192.0.2.1', hostKind: 'ipv4', tcpPort: 1 },
  address: { host: '192.0.2.1', port: 1 },
  state,
  detail: '',
});

type Ended = Extract<Outcome, { type: 'ended' }>;
const ended = (state: string, rest: Partial<Ended> = {}): Ended => ({
  type: 'ended',
  connectionId: '1',
  outcome: 'failed',
  direction: 'static',
  remote: { host: '192.0.2.1', port: 1 },
  state,
  facts: {},
  identity: {},
  trail: ['encHandshake.awaitingAck', state],
  trailMs: [0, 0],
  ...NO_EFFORT,
  ...rest,
});

const drop = (state: string): Outcome => ({
  type: 'drop',
  peer: somePeer,
  connectionId: '1',
  outcome: 'refused',
  state,
  facts: {},
  abandoned: [],
  ...NO_EFFORT,
});

const outcomeIn = (state: string): Outcome => {
  if (Object.hasOwn(DIAL_FAILURES, state)) return dial(state as DialFailure);
  return state.startsWith('ending.') ? drop(state) : ended(state, { bytesIn: 1 });
};

test.for(END_STATES)('%s has words that can stand before "12 s ago"', (state) => {
  const { did, why } = dialResult(outcomeIn(state));
  expect(did).toMatch(/^[a-z][a-zA-Z ]+$/);
  expect(did).not.toMatch(/\bago\b|\.$/);
  expect(why).toMatch(/^[a-z ]*$/);
});

describe('a dial', () => {
  test.for([
    [dial('connectionRefused'), 'refused', ''],
    [dial('connectTimeout'), 'no answer', ''],
    [dial('hostLookupFailed'), 'name server failed', ''],
    [dial('notInNetRestrict'), 'excluded by netRestrict', ''],
    [ended('refused.tooManyPeers'), 'refused us', 'too many peers'],
    [ended('rejected.uselessPeer'), 'rejected by us', 'useless peer'],
    [drop('ending.failed.connectionReset'), 'connection lost', 'connection reset'],
  ] as const)('%# says what it ended with', ([outcome, did, why]) => {
    expect(dialResult(outcome)).toMatchObject({ did, why });
  });

  test('that ends on our auth without a byte says that the key is probably wrong', () => {
    for (const state of ['failed.connectionClosed', 'failed.connectionReset'])
      expect(dialResult(ended(state))).toEqual({
        state,
        did: 'hung up on our auth',
        why: 'the key in its enode is probably wrong',
      });
    for (const known of [{ sincePeerMs: 40_000 }, { ourPause: { ms: 9_000, agoMs: 1 } }])
      expect(dialResult(ended('failed.connectionClosed', known))).toMatchObject({
        did: 'hung up on our auth',
        why: '',
      });
    expect(dialResult(ended('failed.connectionClosed', { bytesIn: 9 })).did).toBe('failed');
    const called = ended('failed.connectionClosed', { direction: 'inbound' });
    expect(dialResult(called).did).toBe('failed');
  });
});
