import { expect, test } from 'vitest';

import { reasonsOf } from '../../../../src/inspect/page/model/reasons.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { ending, NodeFrames } from './node-frames.ts';

test('endings are counted by state, from all transitions that lead there', () => {
  const [node, store] = [new NodeFrames(), new Store()];
  const setup = node.born('connection-setup', 'connection-setup:1', 'a');
  const peer = node.born('peer', 'peer:1', 'a');
  const dial = node.born('dial-task', 'dial-task:1', 'connecting');
  const reject = (from: string) =>
    node.step(setup, 'x', 'y', [from, 'reject.self', 'rejected.self']);
  reject('');
  reject('protoHandshake');
  node.step(setup, 'x', 'y', ['rejected', 'link.closed', 'closed']);
  node.step(setup, 'x', 'y', ['', 'fail', 'failed.aborted']);
  for (let each = 0; each < 3; each += 1)
    node.step(peer, 'x', 'y', ['', 'refuse', 'ending.refused.tooManyPeers']);
  node.step(peer, 'x', 'y', ['a', 'x', 'running.resting']);
  node.step(dial, 'x', 'y', ['connecting', 'connect.refused', 'connectionRefused']);
  node.step(dial, 'x', 'y', ['settingUp', 'setup.ended', 'done']);
  node.step(dial, 'x', 'y', ['checkingEndpoint', 'always', 'connecting']);
  node.ended(ending({ state: 'rejected.self', remote: 'first' }));
  node.ended(ending({ state: 'rejected.self', remote: 'latest' }));
  store.apply(node.frame());

  const reasons = reasonsOf(store, 'connections');
  expect(reasons.map(({ state, count, isBad, whose }) => [state, count, isBad, whose])).toEqual([
    ['ending.refused.tooManyPeers', 3, true, 'refused by them'],
    ['rejected.self', 2, true, 'rejected by us'],
    ['failed.aborted', 1, false, 'setup failed'],
  ]);
  expect(reasons.map(({ latest }) => latest?.remote)).toEqual([undefined, 'latest', undefined]);
  expect(reasonsOf(store, 'dials').map(({ state, count }) => [state, count])).toEqual([
    ['connectionRefused', 1],
  ]);
});
