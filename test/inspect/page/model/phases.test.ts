import { expect, test } from 'vitest';

import { phasesOf } from '../../../../src/inspect/page/model/phases.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { storyOf, tellingStep } from '../../../../src/inspect/page/model/story.ts';
import { NodeFrames, setupRow } from './node-frames.ts';

/** Rows as text: `TCP 0+30`. */
function rowsOf(
  node: NodeFrames,
  selected: string,
  { now = node.t, store = new Store() } = {},
): readonly string[] {
  store.apply(node.frame());
  return phasesOf(storyOf(store, selected)!, now).map(
    ({ name, reason, from, ms, tone }) => `${name} ${reason || tone} ${from}+${ms}`,
  );
}

test('an inbound connection passes the handshake, the checkpoints, and is a peer until it ends', () => {
  const node = new NodeFrames();
  const setup = node.born(
    'connection-setup',
    'connection-setup:1',
    'encHandshake.awaitingAuth',
    setupRow(),
  );
  node.step(setup, 'xstate.init', 'encHandshake.awaitingAuth');
  node.t = 10;
  node.step(setup, 'auth.received', 'encHandshake.sendingAck');
  node.t = 12;
  node.step(setup, 'ack.sent', 'postHandshakeCheckpoint');
  node.step(setup, 'accept', 'protoHandshake');
  node.t = 40;
  node.step(setup, 'hello.received', 'addPeerCheckpoint.asking');
  const peer = node.born('peer', 'peer:1', 'running.resting', { protocols: [] });
  node.step(peer, 'xstate.init', 'running.resting');
  node.step(setup, 'accept', 'admitted');
  node.over(setup);
  const live = [
    'Enc handshake handshake 0+12',
    'Checkpoint 1 check 12+0',
    'Hello hello 12+28',
    'Checkpoint 2 check 40+0',
  ];
  node.t = 1_000;
  const store = new Store();
  expect(rowsOf(node, '1', { store })).toEqual([...live, 'Peer peer 40+960']);
  node.step(peer, 'after pingInterval', 'running.awaitingPong');
  node.step(peer, 'pong.received', 'running.resting');
  node.step(peer, 'disconnect.received', 'ending.refused.tooManyPeers');
  node.t = 3_000;
  node.step(peer, 'after farewell', 'awaitingProtocols');
  node.over(peer);
  expect(rowsOf(node, '1', { now: 9_000, store })).toEqual([
    ...live,
    'Peer peer 40+960',
    'Ended tooManyPeers 1000+2000',
  ]);
});

test('a server has no phases', () => {
  const node = new NodeFrames();
  const server = node.born('server', 'server', 'idle');
  node.step(server, 'start', 'running');
  expect(rowsOf(node, `a${server}`)).toEqual([]);
});

test('a dial that leads to a connection adds its look-up and TCP, and not its own end', () => {
  const node = new NodeFrames();
  const row = { direction: 'dynamic', id: 'abcd', remote: '192.0.2.1:30303' } as const;
  const dial = node.born('dial-task', 'dial-task:abcd', 'lookingUpHost', row);
  node.step(dial, 'xstate.init', 'lookingUpHost');
  node.t = 5;
  node.step(dial, 'host.found', 'connecting');
  node.t = 30;
  node.step(dial, 'socket.connected', 'settingUp');
  const setup = node.born(
    'connection-setup',
    'connection-setup:1',
    'encHandshake.sendingAuth',
    setupRow({ ...row, slot: null }),
  );
  node.step(setup, 'xstate.init', 'encHandshake.sendingAuth');
  node.t = 40;
  node.step(dial, 'stop', 'settingUp', ['settingUp', 'stop', '']); // nothing changes in it
  node.step(setup, 'link.closed', 'closed', [
    'encHandshake',
    'link.closed',
    'failed.connectionClosed',
  ]);
  node.over(setup);
  node.step(dial, 'setup.ended', 'setupFailed');
  node.over(dial);
  const store = new Store();
  store.apply(node.frame());
  const story = storyOf(store, '1')!;
  const names = phasesOf(story, 99).map(({ name, reason }) => reason || name);
  expect(names).toEqual(['DNS', 'TCP', 'Enc handshake', 'connectionClosed']);
  expect(tellingStep(story)?.machine).toBe('connection-setup');
});
