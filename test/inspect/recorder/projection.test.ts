import { describe, expect, test } from 'vitest';

import {
  capabilitiesOf,
  clientOf,
  remoteOf,
  rowOf,
} from '../../../src/inspect/recorder/projection.ts';
import { connectionSetupMachine } from '../../../src/machines/connection/connection-setup.ts';
import { dialTaskMachine } from '../../../src/machines/dialing/dial-task.ts';
import { peerMachine } from '../../../src/machines/peer/peer.ts';
import { lamp, stage } from '../../support/inspected-actors.ts';
import { runPeer } from '../../support/peer-run.ts';
import { runSetup, runSetupTo, them } from '../../support/setup-run.ts';

describe('of a connection in setup', () => {
  test('at first there is where it comes from', () => {
    const { actor } = runSetup('inbound');
    expect(rowOf(connectionSetupMachine, actor.getSnapshot())).toEqual({
      direction: 'inbound',
      remote: '198.51.100.1:30303',
      slot: actor.getSnapshot().context.slot,
      id: '',
      client: '',
      capabilities: [],
    });
  });

  test('later there is who it is, and nothing else: no link, no run loop, no key', () => {
    const { actor } = runSetupTo('static', 'addPeerCheckpoint.asking');
    expect(rowOf(connectionSetupMachine, actor.getSnapshot())).toEqual({
      direction: 'static',
      remote: '198.51.100.1:30303',
      slot: null,
      id: them.id,
      client: 'test/1',
      capabilities: ['eth/69'],
    });
  });
});

test('of a dial there is whom it is to, and where that is now', () => {
  const target = {
    id: 'ab',
    publicKey: 'cd',
    host: 'example.org',
    hostKind: 'name',
    tcpPort: 1,
  } as const;
  const context = {
    target,
    direction: 'static',
    mayResolve: false,
    address: { host: '2001:db8::1', port: 2 },
    detail: 'secret',
    failure: 'nodeNotFound',
    resolution: null,
  };
  expect(rowOf(dialTaskMachine, { context } as never)).toEqual({
    direction: 'static',
    id: 'ab',
    remote: '[2001:db8::1]:2',
  });
});

test('of a peer there are its protocols, and no handler', () => {
  const { actor } = runPeer();
  expect(rowOf(peerMachine, actor.getSnapshot())).toEqual({ protocols: ['eth/69', 'snap/1'] });
});

test('of any other machine there is nothing', () => {
  const actor = stage().run(lamp);
  expect(rowOf(lamp, actor.getSnapshot())).toBeNull();
});

describe('text of strangers', () => {
  test('is escaped', () => {
    expect(clientOf('\u202egeth\n')).toBe('\\u{202e}geth\\u{a}');
    expect(capabilitiesOf([{ name: '\u0007', version: 1 }])).toEqual(['\\u{7}/1']);
    expect(remoteOf({ host: 'evil\u001b', port: 1 })).toBe('evil\\u{1b}:1');
  });

  test('is cut', () => {
    const long = 'x'.repeat(10_000);
    expect(clientOf(long)).toHaveLength(128);
    expect(remoteOf({ host: long, port: 1 })).toHaveLength(128);
    const many = Array.from({ length: 100 }, (_, version) => ({ name: long, version }));
    const shown = capabilitiesOf(many);
    expect([shown.length, shown[0]!.length]).toEqual([32, 32]);
  });
});
