import { describe, expect, test } from 'vitest';

import { coloured, type Paint, pingLine, plain, runLine } from '../../src/cli/human-line.ts';
import type { PingFailed, RunReport } from '../../src/cli/report.ts';
import {
  connectionEnded,
  dialFailed,
  peerAdded,
  peerDropped,
  staticHeldBack,
} from '../../src/cli/report.ts';
import { explained, NO_EFFORT } from '../support/explained.ts';
import { ID, someEnded, somePeer } from './some-reports.ts';

const marked: Paint = (colour, text) => `<${colour} ${text}>`;

const someTarget = {
  id: ID,
  publicKey: '',
  host: '192.0.2.1',
  hostKind: 'ipv4',
  tcpPort: 1,
} as const;

const refusedDial = dialFailed(
  explained({
    type: 'dialFailed',
    target: someTarget,
    address: { host: '192.0.2.1', port: 1 },
    state: 'connectionRefused',
    detail: '',
  }),
);

const dropped = peerDropped(
  explained({
    type: 'drop',
    ...NO_EFFORT,
    peer: somePeer,
    connectionId: '1',
    outcome: 'refused',
    state: 'ending.refused.tooManyPeers',
    facts: {},
    abandoned: [],
  }),
);

describe('a line of run', () => {
  test.for<[string, RunReport, string | null]>([
    [
      'started',
      { type: 'started', id: ID, enode: 'enode://ab@[::1]:1', enr: null, listening: '[::]:1' },
      'enode://ab@[::1]:1\nlistening on [::]:1',
    ],
    [
      'started with an inspector',
      {
        type: 'started',
        id: ID,
        enode: 'enode://ab@[::1]:1',
        enr: null,
        listening: '[::]:1',
        inspect: 'http://127.0.0.1:2/?code=x',
      },
      'enode://ab@[::1]:1\nlistening on [::]:1\ninspector: http://127.0.0.1:2/?code=x (single use, expires in 60 s)',
    ],
    [
      'a new link',
      { type: 'inspect.link', link: 'http://127.0.0.1:2/?code=y' },
      'new inspector link: http://127.0.0.1:2/?code=y (single use, expires in 60 s)',
    ],
    [
      'static nodes held back',
      staticHeldBack({
        ...{ nodes: [someTarget], dialled: 1, maxDialed: 1 },
        explanation: { ...refusedDial.explanation, verdict: 'One waits.', remedy: 'Make room.' },
      }),
      '! One waits. Make room.',
    ],
    [
      'started without a listener',
      { type: 'started', id: ID, enode: 'enode://ab@127.0.0.1:0', enr: null, listening: null },
      'enode://ab@127.0.0.1:0\nnot listening',
    ],
    ['added', peerAdded(somePeer), '+ 01234567 static 192.0.2.1:30303 "Geth/v1.15.0" eth/69'],
    [
      'added without a shared protocol',
      peerAdded({ ...somePeer, client: 'a "b"', protocols: [] }),
      '+ 01234567 static 192.0.2.1:30303 "a \\"b\\"" no shared protocol',
    ],
    [
      'dropped',
      dropped,
      '- 01234567 They are full: they counted their peers again after our Hello. [ending.refused.tooManyPeers]',
    ],
    [
      'ended nameless',
      connectionEnded(someEnded),
      '! inbound [2001:db8::1]:4000 The caller connected and left without sending a byte: a port scan or a health check. [encHandshake.awaitingAuth → failed.connectionClosed]',
    ],
    [
      'ended with a name',
      connectionEnded({ ...someEnded, identity: { id: ID } }),
      '! 01234567 inbound [2001:db8::1]:4000 The caller connected and left without sending a byte: a port scan or a health check. [encHandshake.awaitingAuth → failed.connectionClosed]',
    ],
    [
      'dial failed',
      refusedDial,
      '! 01234567 dial 192.0.2.1:1 Nothing listens at that address and port. [connectionRefused]',
    ],
    ['a dial whose connection told why', { ...refusedDial, state: 'setupFailed' }, null],
    [
      'message',
      { type: 'message', peer: ID, kind: 'said', text: 'hello "you"' },
      '  01234567 said "hello \\"you\\""',
    ],
    [
      'part lost',
      { type: 'part.lost', part: 'dialScheduler', message: 'oops', retryInMs: null },
      '! the dialScheduler failed, the rest continues: oops',
    ],
    [
      'part lost for now',
      { type: 'part.lost', part: 'listener', message: 'EMFILE', retryInMs: 2_000 },
      '! the listener failed, the rest continues: EMFILE, retry in 2 s',
    ],
    [
      'part restored',
      { type: 'part.restored', part: 'listener', address: '192.0.2.1:30303' },
      '! the listener works again: 192.0.2.1:30303',
    ],
    ['reports lost', { type: 'reports.lost', count: 3 }, '… 3 more not shown'],
    ['stopping', { type: 'stopping' }, 'Stopping; press Ctrl-C again to force'],
    ['stopped', { type: 'stopped' }, 'stopped'],
  ])('%s', ([, report, line]) => {
    expect(runLine(report, plain)).toBe(line);
  });

  test('has its sign in colour and its state dimmed', () => {
    expect(runLine(dropped, marked)).toBe(
      '<red -> 01234567 They are full: they counted their peers again after our Hello. <dim [ending.refused.tooManyPeers]>',
    );
  });
});

describe('a ping', () => {
  const explanation = {
    verdict: 'They have no free slot.',
    remedy: 'Try later.',
    confidence: 'certain',
    evidence: ['something'],
  } as const;
  const failed: PingFailed = {
    explanation,
    type: 'ping.failed',
    id: ID,
    address: '192.0.2.1:30303',
    reason: 'tooManyPeers',
    state: 'refused.tooManyPeers',
    why: 'They have no free slot.',
    facts: {},
    during: 'protoHandshake',
    trail: [],
    hint: 'Try later.',
    ms: 3,
  };

  test.for<[string, PingFailed, string]>([
    [
      'with a connection',
      failed,
      'No Hello from 192.0.2.1:30303: They have no free slot. Hint: Try later. [protoHandshake → refused.tooManyPeers]',
    ],
    [
      'without a connection',
      {
        ...failed,
        during: null,
        state: 'connectionRefused',
        why: 'Nothing listens at that address and port.',
        explanation: { ...explanation, verdict: 'No node is there.' },
      },
      'No Hello from 192.0.2.1:30303: No node is there. Hint: Try later. [connectionRefused]',
    ],
    [
      'because we gave up',
      { ...failed, why: 'Gave up after 2 s.' },
      'No Hello from 192.0.2.1:30303: Gave up after 2 s. They have no free slot. Hint: Try later. [protoHandshake → refused.tooManyPeers]',
    ],
    [
      'without an idea',
      { ...failed, hint: null },
      'No Hello from 192.0.2.1:30303: They have no free slot. [protoHandshake → refused.tooManyPeers]',
    ],
  ])('that failed %s is one line', ([, report, line]) => {
    expect(pingLine(report, plain)).toBe(line);
  });

  test('with an answer shows their Hello', () => {
    const answered = {
      type: 'ping.answered',
      id: ID,
      address: '[::1]:30303',
      client: 'Geth/v1.15.0',
      capabilities: ['eth/68', 'eth/69'],
      ms: 12,
    } as const;
    expect(pingLine(answered, plain).split('\n')).toEqual([
      'Hello from "Geth/v1.15.0"',
      `  id            ${ID}`,
      '  address       [::1]:30303',
      '  capabilities  eth/68 eth/69',
      '  round trip    12 ms',
    ]);
    expect(pingLine({ ...answered, capabilities: [] }, plain)).toContain('capabilities  none');
  });
});

test('colours are the escape codes of terminals', () => {
  expect(coloured('green', 'x')).toBe('\u001b[32mx\u001b[39m');
  expect(plain('green', 'x')).toBe('x');
});
