import { describe, expect, test } from 'vitest';
import type { ServerEvent } from '../../../src/api/server-events.ts';
import { endingOf } from '../../../src/inspect/recorder/endings.ts';
import { somePeer } from '../../cli/some-reports.ts';
import { explained } from '../../support/explained.ts';

const EFFORT = { ms: 5, bytesIn: 6, bytesOut: 7 };

describe('the ending of', () => {
  test('a peer', () => {
    const event = explained({
      type: 'drop',
      peer: somePeer,
      connectionId: '12',
      outcome: 'refused',
      state: 'ending.refused.tooManyPeers',
      facts: { code: 4 },
      abandoned: [],
      ...EFFORT,
    });
    expect(endingOf(event)).toEqual({
      type: 'drop',
      connection: '12',
      actor: 'peer:12',
      direction: somePeer.direction,
      remote: '192.0.2.1:30303',
      id: somePeer.id,
      client: 'Geth/v1.15.0',
      state: 'ending.refused.tooManyPeers',
      facts: { code: 4 },
      ...EFFORT,
      explanation: event.explanation,
    });
  });

  test('a connection whose Hello has hostile text', () => {
    const event = explained({
      type: 'ended',
      connectionId: '3',
      outcome: 'rejected',
      direction: 'inbound',
      remote: { host: '2001:db8::1', port: 9 },
      state: 'rejected.unexpectedIdentity',
      facts: { said: '\u001b[2J', code: 1 },
      identity: {
        id: 'ab',
        hello: { version: 5, client: '\u202ex', capabilities: [], listenPort: 0, publicKey: '' },
      },
      trail: [],
      trailMs: [],
      ...EFFORT,
    });
    expect(endingOf(event)).toEqual({
      type: 'ended',
      connection: '3',
      actor: 'connection-setup:3',
      direction: 'inbound',
      remote: '[2001:db8::1]:9',
      id: 'ab',
      client: '\\u{202e}x',
      state: 'rejected.unexpectedIdentity',
      facts: { said: '\\u{1b}[2J', code: 1 },
      ...EFFORT,
      explanation: event.explanation,
    });
  });

  test('a connection that sent nothing', () => {
    const event = explained({
      type: 'ended',
      connectionId: '3',
      outcome: 'failed',
      direction: 'static',
      remote: { host: '192.0.2.1', port: 9 },
      state: 'failed.connectionReset',
      facts: {},
      identity: {},
      trail: [],
      trailMs: [],
      ...EFFORT,
    });
    expect(endingOf(event)).toMatchObject({ id: '', client: '' });
  });

  test('a dial', () => {
    const event = explained({
      type: 'dialFailed',
      target: { id: '0123456789', publicKey: '', host: 'h', hostKind: 'name', tcpPort: 1 },
      address: { host: '192.0.2.1', port: 2 },
      state: 'connectFailed',
      detail: 'EMFILE\n',
    });
    expect(endingOf(event)).toEqual({
      type: 'dialFailed',
      connection: null,
      actor: 'dial-task:01234567',
      direction: null,
      remote: '192.0.2.1:2',
      id: '0123456789',
      client: '',
      state: 'connectFailed',
      facts: { detail: 'EMFILE\\u{a}' },
      ms: 0,
      bytesIn: 0,
      bytesOut: 0,
      explanation: event.explanation,
    });
    expect(endingOf({ ...event, detail: '' })).toMatchObject({ facts: {} });
  });
});

test.for(['add', 'turnedAway', 'msgrecv', 'msgsend', 'lost', 'restored'])(
  '%s is the end of nothing',
  (type) => {
    expect(endingOf({ type } as ServerEvent)).toBeNull();
  },
);
