import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';

import {
  capabilitiesOf,
  clientOf,
  remoteOf,
  rowOf,
} from '../../../src/inspect/recorder/projection.ts';
import { connectionSetupMachine } from '../../../src/machines/connection/connection-setup.ts';
import { dialTaskMachine } from '../../../src/machines/dialing/dial-task.ts';
import { discv5SessionMachine } from '../../../src/machines/discovery/discv5-session.ts';
import { dnsTreeMachine } from '../../../src/machines/discovery/dns-tree.ts';
import { endpointProofMachine } from '../../../src/machines/discovery/endpoint-proof.ts';
import { localNodeMachine } from '../../../src/machines/discovery/local-node.ts';
import { lookupMachine } from '../../../src/machines/discovery/lookup.ts';
import { peerMachine } from '../../../src/machines/peer/peer.ts';
import { lamp, stage } from '../../support/inspected-actors.ts';
import { NEXT_SEQ, runLocalNode, runLocalNodeToServing } from '../../support/local-node-run.ts';
import { near, runLookup } from '../../support/lookup-run.ts';
import { runPeer } from '../../support/peer-run.ts';
import { runSetup, runSetupTo, them } from '../../support/setup-run.ts';
import { SELF } from '../../support/table-nodes.ts';

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

test('of a DNS node list there is where it is, how far it was read, and why not further', () => {
  const url = 'enrtree://KEY@nodes.example.org';
  const context = { url, seq: 3, remaining: 5, nodes: 2, lastFailure: 'hashMismatch' };
  const snapshot = { context: { ...context, entryFailures: 1, fruitlessChecks: 0 } };
  expect(rowOf(dnsTreeMachine, snapshot as unknown as AnyMachineSnapshot)).toEqual({
    ...{ listUrl: url, rootSeq: 3, nodes: 2, unread: 5, lastFailure: 'hashMismatch' },
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

describe('of a lookup', () => {
  test('there is whom it asked, in that order, and who answered', () => {
    const run = runLookup(9, 8);
    expect(rowOf(lookupMachine, run.actor.getSnapshot())).toMatchObject({
      target: SELF,
      path: [{ answer: 'none yet' }, { answer: 'none yet' }],
      found: 2,
    });
    run.answer(8, 3);
    run.fail(9);
    const { id, host } = near(8);
    expect(rowOf(lookupMachine, run.actor.getSnapshot())).toEqual({
      target: SELF,
      path: [
        { id, remote: `${host}:30303`, answer: 'nodes' },
        { id: near(9).id, remote: `${near(9).host}:30303`, answer: 'nothing' },
        { id: near(3).id, remote: `${near(3).host}:30303`, answer: 'none yet' },
      ],
      found: 3,
    });
  });
});

test('of an endpoint proof there is whose it is', () => {
  const target = { id: 'ab', host: '2001:db8::1', udpPort: 2 };
  expect(rowOf(endpointProofMachine, { context: { target, pong: null } } as never)).toEqual({
    id: 'ab',
    remote: '[2001:db8::1]:2',
  });
});

test('of a session of discv5 there is whose it is', () => {
  const target = { id: 'ab', endpoint: { host: '192.0.2.1', port: 2 } };
  expect(rowOf(discv5SessionMachine, { context: { target } } as never)).toEqual({
    id: 'ab',
    remote: '192.0.2.1:2',
  });
});

test('of the local node there is what its record claims and why, and the text of the last one', () => {
  expect(rowOf(localNodeMachine, runLocalNode().actor.getSnapshot())).toMatchObject({
    seq: 0,
    record: '',
  });
  const run = runLocalNodeToServing();
  run.record();
  const row = () => rowOf(localNodeMachine, run.actor.getSnapshot());
  expect(row()).toEqual({
    seq: NEXT_SEQ,
    record: 'enr:AA',
    ipv4: { why: 'fallback', remote: '127.0.0.1:0' },
    ipv6: null,
  });
  run.vote(10);
  run.record();
  expect(row()).toEqual({
    seq: NEXT_SEQ + 1,
    record: 'enr:AQ',
    ipv4: { why: 'predicted', remote: '203.0.113.9:30303' },
    ipv6: null,
  });
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
