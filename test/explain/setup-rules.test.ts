import { expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import type { Case, Rule } from '../../src/explain/rule.ts';
import { GONE, NO_RLPX, SILENT, UNREADABLE } from '../../src/explain/setup-rules.ts';

const DIALLED: Case = {
  direction: 'dynamic',
  during: 'encHandshake.awaitingAck',
  duringMs: 40,
  bytesIn: 0,
  client: '',
  protocols: [],
  facts: {},
};
const CALLED: Case = { ...DIALLED, direction: 'inbound', during: 'encHandshake.awaitingAuth' };

const saying = (size: number): Case => ({
  ...DIALLED,
  facts: { detail: `${size} bytes, not 113` },
});

test.for<[string, readonly Rule[], Case, RegExp, Confidence]>([
  [
    'gone before our auth',
    GONE,
    { ...DIALLED, during: 'encHandshake.sendingAuth' },
    /filtered/,
    'likely',
  ],
  ['gone at our auth', GONE, { ...DIALLED, duringMs: 999 }, /probably not theirs/, 'likely'],
  ['gone a while after it', GONE, { ...DIALLED, duringMs: 1_000 }, /for a while/, 'possible'],
  ['gone within the ack', GONE, { ...DIALLED, bytesIn: 1 }, /middle/, 'possible'],
  ['gone without a byte', GONE, CALLED, /port scan/, 'likely'],
  ['gone within the auth', GONE, { ...CALLED, bytesIn: 1 }, /whole/, 'possible'],
  ['gone before Hello', GONE, { ...CALLED, during: 'protoHandshake' }, /goodbye/, 'possible'],
  ['silent after our auth', SILENT, DIALLED, /never answered/, 'possible'],
  ['slow with the ack', SILENT, { ...DIALLED, bytesIn: 1 }, /an ack came/, 'possible'],
  ['silent caller', SILENT, CALLED, /port scan/, 'likely'],
  ['slow with the auth', SILENT, { ...CALLED, bytesIn: 1 }, /an auth came/, 'possible'],
  ['HTTP', NO_RLPX, saying(0x4854), /web server/, 'likely'],
  ['SSH', NO_RLPX, saying(0x5353), /SSH/, 'likely'],
  ['SMTP', NO_RLPX, saying(0x3232), /mail/, 'likely'],
  ['TLS', NO_RLPX, saying(0x1503), /TLS/, 'likely'],
  ['a browser', NO_RLPX, { ...saying(0x4745), direction: 'inbound' }, /web client/, 'likely'],
  ['an ack for nobody', UNREADABLE, DIALLED, /no ack for us/, 'likely'],
  ['an auth for another key', UNREADABLE, CALLED, /old enode/, 'likely'],
])('%s', ([, rules, seen, verdict, confidence]) => {
  const rule = rules.find(({ when }) => when(seen));
  expect(rule?.verdict).toMatch(verdict);
  expect(rule?.confidence).toBe(confidence);
});

test.for<[string, readonly Rule[], Case]>([
  ['gone at a checkpoint', GONE, { ...DIALLED, during: 'postHandshakeCheckpoint' }],
  ['gone before our ack', GONE, { ...CALLED, during: 'encHandshake.sendingAck' }],
  ['slow with our own auth', SILENT, { ...DIALLED, during: 'encHandshake.sendingAuth' }],
  ['other nonsense', NO_RLPX, saying(0x0001)],
  ['nonsense without a size', NO_RLPX, DIALLED],
])('%s points nowhere', ([, rules, seen]) => {
  expect(rules.find(({ when }) => when(seen))).toBeUndefined();
});
