import { expect, test } from 'vitest';

import { hintOf } from '../../src/cli/hint.ts';

test.for([
  ['a dead port', 'connectionRefused', null, /is the node running/],
  ['no answer at all', 'connectTimeout', null, /firewall/],
  [
    'an auth that nobody could read',
    'failed.connectionClosed',
    'encHandshake.awaitingAck',
    /public key/,
  ],
  ['an auth met by a reset', 'failed.connectionReset', 'encHandshake.awaitingAck', /public key/],
  [
    'an auth met by silence',
    'failed.encHandshakeTimeout',
    'encHandshake.awaitingAck',
    /public key/,
  ],
  ['an end before our auth', 'failed.connectionClosed', 'encHandshake.sendingAuth', /filter/],
  [
    'text where an ack should be',
    'failed.handshakeSizeOutOfRange',
    'encHandshake.awaitingAck',
    /not speak RLPx/,
  ],
  ['a full node', 'refused.tooManyPeers', 'protoHandshake', /full/],
  ['an end in place of Hello', 'failed.connectionReset', 'protoHandshake', /without a reason/],
  [
    'our giving up during the handshake',
    'failed.aborted',
    'encHandshake.awaitingAck',
    /public key/,
  ],
] as const)('%s has an explanation', ([, state, during, hint]) => {
  expect(hintOf(state, during)).toMatch(hint);
});

test.for([
  ['refused.requested', 'protoHandshake'],
  ['failed.connectionClosed', 'constructor'],
  ['connectFailed', null],
  ['constructor', 'constructor'],
] as const)('%s during %s has none', ([state, during]) => {
  expect(hintOf(state, during)).toBeNull();
});
