/** What the rules for peers see that the state alone does not say. */
import { expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import { RULES } from '../../src/explain/confidence-rules.ts';
import { END_STATES, type EndState } from '../../src/explain/end-states.ts';
import type { EndingFacts, Rule } from '../../src/explain/rule.ts';

const PEER: EndingFacts = {
  direction: 'static',
  during: 'peer',
  duringMs: 60_000,
  bytesIn: 1,
  client: 'reth/v1',
  protocols: ['eth/69'],
  facts: {},
};

function ruleFor(state: EndState, seen: Partial<EndingFacts>): Rule | undefined {
  return RULES[state]?.find(({ when }) => when({ ...PEER, ...seen }));
}

test('every rule is about an end state of the charts', () => {
  expect(END_STATES).toEqual(expect.arrayContaining(Object.keys(RULES)));
});

test.for<[string, EndState, Partial<EndingFacts>, RegExp, Confidence]>([
  ['0x00 after 10 min', 'ending.refused.requested', { duringMs: 600_000 }, /churn/, 'possible'],
  [
    '0x03 from Nethermind at once',
    'ending.refused.uselessPeer',
    { duringMs: 9_999, client: 'Nethermind/v1.30' },
    /another network/,
    'likely',
  ],
  [
    '0x03 from go-ethereum after 10 min',
    'ending.refused.uselessPeer',
    { duringMs: 600_000, client: 'Geth/v1.17' },
    /churn/,
    'likely',
  ],
  ['0x03 with nothing shared', 'ending.refused.uselessPeer', { protocols: [] }, /share/, 'certain'],
  ['0x04 at once', 'ending.refused.tooManyPeers', { duringMs: 9_999 }, /full/, 'certain'],
  ['0x0b at 4 s with eth', 'ending.refused.readTimeout', { duringMs: 4_000 }, /Status/, 'likely'],
  ['0x0b at 8 s with eth', 'ending.refused.readTimeout', { duringMs: 8_000 }, /Status/, 'likely'],
  [
    '0x10 at once with eth',
    'ending.refused.subprotocolError',
    { duringMs: 9_999 },
    /network id, genesis or fork id/,
    'likely',
  ],
  ['an end at once', 'ending.failed.connectionClosed', { duringMs: 9_999 }, /seconds/, 'unknown'],
  ['an end later', 'ending.failed.connectionClosed', {}, /crash, a NAT/, 'possible'],
  ['a reset later', 'ending.failed.connectionReset', {}, /crash, a NAT/, 'possible'],
])('%s', ([, state, seen, verdict, confidence]) => {
  const rule = ruleFor(state, seen);
  expect(rule?.verdict).toMatch(verdict);
  expect(rule?.confidence).toBe(confidence);
});

test.for<[string, EndState, Partial<EndingFacts>]>([
  ['0x00 before 10 min', 'ending.refused.requested', { duringMs: 599_999 }],
  ['0x03 from Nethermind later', 'ending.refused.uselessPeer', { client: 'Nethermind/v1.30' }],
  [
    '0x03 from go-ethereum before 10 min',
    'ending.refused.uselessPeer',
    { client: 'Geth/v1.17', duringMs: 599_999 },
  ],
  ['0x03 from others after 10 min', 'ending.refused.uselessPeer', { duringMs: 600_000 }],
  ['0x04 later', 'ending.refused.tooManyPeers', { duringMs: 10_000 }],
  ['0x0b sooner', 'ending.refused.readTimeout', { duringMs: 3_999 }],
  ['0x0b later', 'ending.refused.readTimeout', { duringMs: 8_001 }],
  ['0x0b without eth', 'ending.refused.readTimeout', { duringMs: 5_000, protocols: ['eths/1'] }],
  ['0x10 later', 'ending.refused.subprotocolError', { duringMs: 10_000 }],
  ['0x10 without eth', 'ending.refused.subprotocolError', { duringMs: 1, protocols: ['les/4'] }],
])('%s has no more to it than its state', ([, state, seen]) => {
  expect(ruleFor(state, seen)).toBeUndefined();
});
