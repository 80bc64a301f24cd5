import { describe, expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import { LOST_RULES } from '../../src/explain/dial-rules.ts';
import type { EndingFacts, Rule } from '../../src/explain/rule.ts';
import {
  FOREIGN_PROTOCOL_RULES,
  HANGUP_RULES,
  HELLO_TIMEOUT_RULES,
  TIMEOUT_RULES,
  UNDECRYPTABLE_RULES,
  USELESS_RULES,
} from '../../src/explain/setup-rules.ts';

const DIALLED: EndingFacts = {
  direction: 'dynamic',
  remote: 'public',
  during: 'encHandshake.awaitingAck',
  duringMs: 40,
  ms: 80,
  bytesIn: 0,
  isHelloSent: false,
  client: '',
  protocols: [],
  offersNothing: false,
  sincePeerMs: null,
  pause: null,
  facts: {},
};
const CALLED: EndingFacts = {
  ...DIALLED,
  direction: 'inbound',
  during: 'encHandshake.awaitingAuth',
};

const withSize = (size: number): EndingFacts => ({
  ...DIALLED,
  facts: { detail: `${size} bytes, not 113` },
});

test.for<[string, readonly Rule[], EndingFacts, RegExp, Confidence]>([
  [
    'they hang up before our auth',
    HANGUP_RULES,
    { ...DIALLED, during: 'encHandshake.sendingAuth' },
    /filter our address/,
    'likely',
  ],
  [
    'they hang up on our auth',
    HANGUP_RULES,
    { ...DIALLED, duringMs: 999 },
    /probably not theirs/,
    'likely',
  ],
  [
    'they hang up a while after our auth',
    HANGUP_RULES,
    { ...DIALLED, duringMs: 1_000 },
    /a while after/,
    'possible',
  ],
  [
    'they hang up a while after our auth, on our own network',
    HANGUP_RULES,
    { ...DIALLED, remote: 'lan', duringMs: 1_000 },
    /a while after/,
    'possible',
  ],
  ['they hang up within the ack', HANGUP_RULES, { ...DIALLED, bytesIn: 1 }, /middle/, 'possible'],
  ['the caller hangs up without a byte', HANGUP_RULES, CALLED, /port scan/, 'likely'],
  [
    'the caller hangs up within the auth',
    HANGUP_RULES,
    { ...CALLED, bytesIn: 1 },
    /complete/,
    'possible',
  ],
  [
    'they hang up before Hello',
    HANGUP_RULES,
    { ...DIALLED, during: 'protoHandshake', isHelloSent: true },
    /Disconnect/,
    'possible',
  ],
  [
    'a caller hangs up before its Hello',
    HANGUP_RULES,
    { ...CALLED, during: 'protoHandshake', isHelloSent: true },
    /a probe or a crawler/,
    'likely',
  ],
  [
    'a caller hangs up before its Hello after 4 s',
    HANGUP_RULES,
    { ...CALLED, during: 'protoHandshake', isHelloSent: true, ms: 4_000 },
    /gave up waiting/,
    'likely',
  ],
  [
    'a caller hangs up before our ack',
    HANGUP_RULES,
    { ...CALLED, during: 'encHandshake.sendingAck', bytesIn: 400 },
    /gave up, or was only a probe/,
    'possible',
  ],
  [
    'a caller hangs up before our Hello after 4 s',
    HANGUP_RULES,
    { ...CALLED, during: 'postHandshakeCheckpoint', bytesIn: 400, ms: 4_000 },
    /gave up: 4 s after its connection/,
    'likely',
  ],
  [
    'a caller hangs up at the second checkpoint',
    HANGUP_RULES,
    { ...CALLED, during: 'addPeerCheckpoint.held', isHelloSent: true },
    /once both Hellos were sent/,
    'possible',
  ],
  [
    'a former peer does not answer our auth',
    TIMEOUT_RULES,
    { ...DIALLED, sincePeerMs: 40_000 },
    /our peer 40 s ago.*frozen, overloaded/,
    'likely',
  ],
  [
    'a former peer hangs up on our auth',
    HANGUP_RULES,
    { ...DIALLED, sincePeerMs: 240_000 },
    /our peer 4 min ago.*for 30 s/,
    'possible',
  ],
  [
    'a former peer sends no Hello',
    HELLO_TIMEOUT_RULES,
    { ...DIALLED, sincePeerMs: 200 },
    /our peer less than 1 s ago.*frozen or overloaded/,
    'likely',
  ],
  [
    'a timeout after a pause of ours',
    TIMEOUT_RULES,
    { ...DIALLED, pause: { ms: 3_000, agoMs: 0 } },
    /^Our own process stood still for at least 3 s/,
    'likely',
  ],
  [
    'a hangup after a pause of ours',
    HANGUP_RULES,
    { ...DIALLED, pause: { ms: 6_000, agoMs: 0 } },
    /they stopped waiting/,
    'likely',
  ],
  [
    '0x03 when we offer nothing',
    USELESS_RULES,
    { ...DIALLED, offersNothing: true },
    /^We offer no protocol/,
    'certain',
  ],
  ['no answer to our auth', TIMEOUT_RULES, DIALLED, /did not answer/, 'possible'],
  [
    'only a part of the ack',
    TIMEOUT_RULES,
    { ...DIALLED, bytesIn: 1 },
    /an ack arrived/,
    'possible',
  ],
  ['a caller that sends nothing', TIMEOUT_RULES, CALLED, /port scan/, 'likely'],
  [
    'only a part of the auth',
    TIMEOUT_RULES,
    { ...CALLED, bytesIn: 1 },
    /an auth arrived/,
    'possible',
  ],
  ['HTTP', FOREIGN_PROTOCOL_RULES, withSize(0x4854), /web server/, 'likely'],
  ['SSH', FOREIGN_PROTOCOL_RULES, withSize(0x5353), /SSH/, 'likely'],
  ['SMTP', FOREIGN_PROTOCOL_RULES, withSize(0x3232), /mail/, 'likely'],
  ['TLS', FOREIGN_PROTOCOL_RULES, withSize(0x1503), /TLS/, 'likely'],
  [
    'a browser',
    FOREIGN_PROTOCOL_RULES,
    { ...withSize(0x4745), direction: 'inbound' },
    /web client/,
    'likely',
  ],
  ['an ack that is not for us', UNDECRYPTABLE_RULES, DIALLED, /not an ack for us/, 'likely'],
  ['an auth for another key', UNDECRYPTABLE_RULES, CALLED, /old enode/, 'likely'],
])('%s', ([, rules, seen, verdict, confidence]) => {
  const rule = rules.find(({ when }) => when(seen));
  expect(verdictOf(rule, seen)).toMatch(verdict);
  expect(rule?.confidence).toBe(confidence);
});

const verdictOf = (rule: Rule | undefined, seen: EndingFacts): string | undefined =>
  typeof rule?.verdict === 'function' ? rule.verdict(seen) : rule?.verdict;

describe('about a node of our computer or LAN, no rule advises to wait for a throttle', () => {
  const cases: readonly [string, readonly Rule[], EndingFacts][] = [
    ['before our auth', HANGUP_RULES, { ...DIALLED, during: 'encHandshake.sendingAuth' }],
    ['on our auth', HANGUP_RULES, DIALLED],
    ['on our auth, a former peer', HANGUP_RULES, { ...DIALLED, sincePeerMs: 60_000 }],
    ['at once', LOST_RULES, DIALLED],
  ];
  test.for(cases.flatMap((one) => [[...one, 'loopback'] as const, [...one, 'lan'] as const]))(
    'that hangs up %s',
    ([, rules, seen, remote]) => {
      const near = { ...seen, remote };
      const rule = rules.find(({ when }) => when(near));
      const { remedy = '' } = rule ?? {};
      expect(`${verdictOf(rule, near)} ${remedy}`).not.toMatch(/30 s|35 s|undefined/);
      const far = rules.find(({ when }) => when(seen));
      expect(far).not.toBe(rule);
    },
  );
});

test.for<[string, readonly Rule[], EndingFacts]>([
  ['a hangup at a checkpoint', HANGUP_RULES, { ...DIALLED, during: 'postHandshakeCheckpoint' }],
  [
    'a timeout while we send our auth',
    TIMEOUT_RULES,
    { ...DIALLED, during: 'encHandshake.sendingAuth' },
  ],
  ['an unknown first size', FOREIGN_PROTOCOL_RULES, withSize(0x0001)],
  ['a packet without a size', FOREIGN_PROTOCOL_RULES, DIALLED],
])('%s matches no rule', ([, rules, seen]) => {
  expect(rules.find(({ when }) => when(seen))).toBeUndefined();
});
