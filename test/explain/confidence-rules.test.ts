/** What the rules for peers see that the state alone does not say. */
import { expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import { RULES } from '../../src/explain/confidence-rules.ts';
import { END_STATES, type EndState } from '../../src/explain/end-states.ts';
import type { EndingFacts, Rule } from '../../src/explain/rule.ts';

const PEER: EndingFacts = {
  direction: 'static',
  remote: 'public',
  during: 'peer',
  duringMs: 60_000,
  ms: 60_000,
  bytesIn: 1,
  isHelloSent: true,
  client: 'reth/v1',
  protocols: ['eth/69'],
  offersNothing: false,
  sincePeerMs: null,
  pause: null,
  facts: {},
};

const verdictOf = (rule: Rule | undefined, seen: Partial<EndingFacts>): string | undefined =>
  typeof rule?.verdict === 'function' ? rule.verdict({ ...PEER, ...seen }) : rule?.verdict;

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
  [
    '0x03 when we offer nothing',
    'ending.refused.uselessPeer',
    { offersNothing: true },
    /^We offer no protocol/,
    'certain',
  ],
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
  [
    'a caller that ends at once',
    'ending.failed.connectionClosed',
    { direction: 'inbound', duringMs: 9_999 },
    /a crawler/,
    'possible',
  ],
  [
    'an end at once when we offer nothing',
    'ending.failed.connectionClosed',
    { offersNothing: true, duringMs: 9_999 },
    /we offer no protocol/,
    'likely',
  ],
  [
    'an end after a long pause of ours',
    'ending.failed.connectionClosed',
    { pause: { ms: 31_000, agoMs: 0 } },
    /^Our own process stood still for at least 31 s/,
    'likely',
  ],
  [
    'a reset after a short pause of ours',
    'ending.failed.connectionReset',
    { pause: { ms: 2_000, agoMs: 0 } },
    /perhaps/,
    'possible',
  ],
  [
    '0x0b after a pause of ours',
    'ending.refused.readTimeout',
    { pause: { ms: 20_000, agoMs: 0 }, duringMs: 5_000 },
    /^Our own process/,
    'likely',
  ],
  [
    '0x02 at once with eth',
    'ending.refused.breachOfProtocol',
    { duringMs: 9_999 },
    /our eth Status/,
    'likely',
  ],
  [
    'no byte after our ping',
    'ending.rejected.pongTimeout',
    { facts: { silentMs: 15_000 } },
    /^No byte arrived from them for 15 s after our ping/,
    'likely',
  ],
  [
    'no message',
    'ending.rejected.silence',
    { facts: { silentMs: 30_000 } },
    /^No complete message came from them for 30 s\.$/,
    'likely',
  ],
  [
    'no byte taken',
    'ending.failed.writeStalled',
    { facts: { unsentBytes: 9, stalledMs: 20_000 } },
    /^They took no byte of ours for 20 s/,
    'likely',
  ],
  [
    'too many bytes unsent',
    'ending.failed.writeStalled',
    { facts: { unsentBytes: 33_000_000 } },
    /more slowly than we send/,
    'likely',
  ],
])('%s', ([, state, seen, verdict, confidence]) => {
  const rule = ruleFor(state, seen);
  expect(verdictOf(rule, seen)).toMatch(verdict);
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
  ['0x02 later', 'ending.refused.breachOfProtocol', { duringMs: 10_000 }],
  ['0x02 without eth', 'ending.refused.breachOfProtocol', { duringMs: 1, protocols: ['les/4'] }],
  ['a pong that is overdue without a time', 'ending.rejected.pongTimeout', {}],
  ['0x10 later', 'ending.refused.subprotocolError', { duringMs: 10_000 }],
  ['0x10 without eth', 'ending.refused.subprotocolError', { duringMs: 1, protocols: ['les/4'] }],
])('%s has no more to it than its state', ([, state, seen]) => {
  expect(ruleFor(state, seen)).toBeUndefined();
});
