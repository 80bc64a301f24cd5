import { expect, test } from 'vitest';

import { phasesOf } from '../../../../src/inspect/page/model/phases.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { storyOf } from '../../../../src/inspect/page/model/story.ts';
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
