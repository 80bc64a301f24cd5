import { expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import type { EndingFacts, Rule } from '../../src/explain/rule.ts';
import {
  FOREIGN_PROTOCOL_RULES,
  HANGUP_RULES,
  TIMEOUT_RULES,
  UNDECRYPTABLE_RULES,
} from '../../src/explain/setup-rules.ts';

const DIALLED: EndingFacts = {
  direction: 'dynamic',
  during: 'encHandshake.awaitingAck',
  duringMs: 40,
  bytesIn: 0,
  client: '',
  protocols: [],
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
    { ...CALLED, during: 'protoHandshake' },
    /Disconnect/,
    'possible',
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
  expect(rule?.verdict).toMatch(verdict);
  expect(rule?.confidence).toBe(confidence);
});

test.for<[string, readonly Rule[], EndingFacts]>([
  ['a hangup at a checkpoint', HANGUP_RULES, { ...DIALLED, during: 'postHandshakeCheckpoint' }],
  ['a hangup before our ack', HANGUP_RULES, { ...CALLED, during: 'encHandshake.sendingAck' }],
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
