import { describe, expect, test } from 'vitest';
import type { FailedDial } from '../../src/api/endings.ts';
import {
  connectionEnded,
  dialFailed,
  MAX_TEXT_CHARS,
  messageShown,
  peerAdded,
  peerDropped,
  pingAnswered,
  pingEnded,
  pingUndialled,
  started,
  staticHeldBack,
} from '../../src/cli/report.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { DIAL_FAILURES } from '../../src/machines/dialing/dial-failures.ts';
import { explained, NO_EFFORT } from '../support/explained.ts';
import { ID, NASTY, PUBLIC_KEY, someEnded, somePeer, TAMED } from './some-reports.ts';

const target = {
  id: ID,
  publicKey: PUBLIC_KEY,
  host: '192.0.2.1',
  hostKind: 'ipv4',
  tcpPort: 30303,
} as const;

const someDial = (state: FailedDial['state'], detail: string) =>
  explained({
    type: 'dialFailed',
    target,
    address: { host: '192.0.2.1', port: 30303 },
    state,
    detail,
  });
const enode = parseNode(`enode://${publicKeyHex(generateNodeKey().publicKey)}@[::1]:30303`);

describe('a server', () => {
  test('starts', () => {
    const self = { id: ID, enode: 'enode://…', enr: 'enr:…', address: { host: '::', port: 1 } };
    expect(started(self)).toEqual({
      type: 'started',
      id: ID,
      enode: 'enode://…',
      enr: 'enr:…',
      listening: '[::]:1',
    });
    expect(started({ ...self, address: null })).toMatchObject({ listening: null });
    expect(started(self, { inspect: 'http://…' })).toMatchObject({ inspect: 'http://…' });
  });
});

test('static nodes that are held back are reported by id', () => {
  const { explanation } = someDial('cancelled', '');
  const report = staticHeldBack({ nodes: [target], dialled: 1, maxDialed: 1, explanation });
  expect(report).toEqual({
    ...{ type: 'static.heldBack', ids: [ID], dialled: 1, maxDialed: 1 },
    explanation,
  });
});

describe('a peer', () => {
  test('that we dialled is added with its enode', () => {
    expect(peerAdded(somePeer)).toEqual({
      type: 'peer.added',
      id: ID,
      enode: `enode://${PUBLIC_KEY}@192.0.2.1:30303`,
      client: 'Geth/v1.15.0',
      capabilities: ['eth/68', 'eth/69'],
      protocols: ['eth/69'],
      direction: 'static',
      remote: '192.0.2.1:30303',
    });
  });

  test('that is inbound has no enode', () => {
    expect(peerAdded({ ...somePeer, direction: 'inbound' })).not.toHaveProperty('enode');
  });

  test('is dropped with reason, state and sentence', () => {
    const ending = {
      connectionId: '1',
      outcome: 'refused',
      state: 'ending.refused.tooManyPeers',
      facts: { code: 4 },
      abandoned: ['eth/69'],
    } as const;
    const drop = explained({ type: 'drop', peer: somePeer, ...ending, ...NO_EFFORT });
    expect(peerDropped(drop)).toEqual({
      explanation: drop.explanation,
      type: 'peer.dropped',
      id: ID,
      outcome: 'refused',
      reason: 'tooManyPeers',
      state: 'ending.refused.tooManyPeers',
      why: 'They have no room for us.',
      facts: { code: 4 },
      abandoned: ['eth/69'],
    });
  });

  test('sends a message', () => {
    const bytes = new TextEncoder().encode('héllo');
    expect(messageShown({ peer: somePeer, kind: 'said', bytes })).toEqual({
      type: 'message',
      peer: ID,
      kind: 'said',
      text: 'héllo',
    });
  });
});

describe('a connection', () => {
  test('that ended without an id', () => {
    expect(connectionEnded(someEnded)).toEqual({
      explanation: someEnded.explanation,
      type: 'connection.ended',
      connection: '7',
      direction: 'inbound',
      remote: '[2001:db8::1]:4000',
      outcome: 'failed',
      reason: 'connectionClosed',
      state: 'failed.connectionClosed',
      why: 'They closed the connection without a Disconnect.',
      facts: {},
      during: 'encHandshake.awaitingAuth',
      trail: ['encHandshake.awaitingAuth', 'failed.connectionClosed'],
    });
  });

  test('that ended with an id', () => {
    expect(connectionEnded({ ...someEnded, identity: { id: ID } })).toMatchObject({ id: ID });
  });

  test.for([
    [['encHandshake.awaitingAck', 'closed'], 'encHandshake.awaitingAck'],
    [['protoHandshake', 'rejected.helloTimeout', 'closed'], 'protoHandshake'],
    [['protoHandshake', 'refused.tooManyPeers'], 'protoHandshake'],
    [['closed'], 'encHandshake'],
    [[], 'encHandshake'],
  ] as const)('%j ended during %s', ([trail, during]) => {
    expect(connectionEnded({ ...someEnded, trail })).toMatchObject({ during, trail });
  });
});

test('a dial failed', () => {
  const dial = someDial('connectionRefused', 'connect ECONNREFUSED');
  expect(dialFailed(dial)).toEqual({
    explanation: dial.explanation,
    type: 'dial.failed',
    id: ID,
    address: '192.0.2.1:30303',
    reason: 'connectionRefused',
    state: 'connectionRefused',
    why: 'Nothing listens at that address and port.',
    detail: 'connect ECONNREFUSED',
  });
});

describe('a ping', () => {
  const attempt = { node: enode, ms: 12 };
  const asked = { id: enode.id, address: '[::1]:30303', ms: 12 };

  test('that was answered', () => {
    expect(pingAnswered(somePeer, attempt)).toEqual({
      type: 'ping.answered',
      ...asked,
      client: 'Geth/v1.15.0',
      capabilities: ['eth/68', 'eth/69'],
    });
  });

  test('whose connection ended', () => {
    const refused = {
      ...someEnded,
      outcome: 'refused',
      state: 'refused.tooManyPeers',
      facts: { code: 4 },
      trail: ['protoHandshake', 'refused.tooManyPeers', 'closed'],
    } as const;
    expect(pingEnded(refused, attempt)).toEqual({
      explanation: someEnded.explanation,
      type: 'ping.failed',
      ...asked,
      reason: 'tooManyPeers',
      state: 'refused.tooManyPeers',
      why: 'They have no free slot.',
      facts: { code: 4 },
      during: 'protoHandshake',
      trail: ['protoHandshake', 'refused.tooManyPeers', 'closed'],
      hint: someEnded.explanation.remedy,
    });
  });

  test('without a connection', () => {
    expect(pingUndialled(someDial('unreachable', 'EHOSTUNREACH'), attempt)).toMatchObject({
      hint: DIAL_FAILURES.unreachable.remedy,
      ...asked,
      state: 'unreachable',
      facts: { detail: 'EHOSTUNREACH' },
      during: null,
      trail: [],
    });
    expect(pingUndialled(someDial('cancelled', ''), attempt)).toMatchObject({ facts: {} });
  });
});

describe('text of remotes is escaped', () => {
  const bytes = new TextEncoder().encode('x'.repeat(10 * MAX_TEXT_CHARS));

  test.for([
    ['client of a peer', peerAdded({ ...somePeer, client: NASTY }), { client: TAMED }],
    [
      'client of a ping',
      pingAnswered({ ...somePeer, client: NASTY }, { node: enode, ms: 0 }),
      { client: TAMED },
    ],
    [
      'facts',
      connectionEnded({ ...someEnded, facts: { detail: NASTY } }),
      { facts: { detail: TAMED } },
    ],
    [
      'message',
      messageShown({
        peer: somePeer,
        kind: 'said',
        bytes: new TextEncoder().encode('\u001b[31m\n'),
      }),
      { text: '\\u{1b}[31m\\u{a}' },
    ],
    [
      'bytes that are no text',
      messageShown({ peer: somePeer, kind: 'said', bytes: Uint8Array.of(0xff, 0xc3) }),
      { text: '\ufffd\ufffd' },
    ],
    [
      'long message',
      messageShown({ peer: somePeer, kind: 'echoed', bytes }),
      { text: `${'x'.repeat(MAX_TEXT_CHARS - 1)}…` },
    ],
  ] as const)('%s', ([, report, expected]) => {
    expect(report).toMatchObject(expected);
  });
});
