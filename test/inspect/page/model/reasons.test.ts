import { expect, test } from 'vitest';

import { reasonsOf } from '../../../../src/inspect/page/model/reasons.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { ending, NodeFrames } from './node-frames.ts';

const counts = (store: Store, of: Parameters<typeof reasonsOf>[1]) =>
  reasonsOf(store, of).map(({ state, count, isBad, whose }) => [state, count, isBad, whose]);

test('connections and peers are counted by the state of their ending', () => {
  const [node, store] = [new NodeFrames(), new Store()];
  const setup = node.born('connection-setup', 'connection-setup:1', 'a');
  // the same ending, as two transitions of the chart
  node.step(setup, 'x', 'y', ['protoHandshake', 'after helloTimeout', 'rejected.helloTimeout']);
  node.step(setup, 'x', 'y', ['', 'reject.helloTimeout', 'rejected.helloTimeout']);
  node.ended(ending({ state: 'rejected.helloTimeout', remote: 'first' }));
  store.apply(node.frame());
  for (let each = 0; each < 3; each += 1)
    node.ended(ending({ type: 'drop', state: 'ending.refused.tooManyPeers' }));
  node.ended(ending({ state: 'rejected.helloTimeout', remote: 'latest' }));
  node.ended(ending({ state: 'failed.aborted' }));
  store.apply(node.frame());
  expect(counts(store, 'connections')).toEqual([
    ['ending.refused.tooManyPeers', 3, true, 'peer refused us'],
    ['rejected.helloTimeout', 2, true, 'rejected by us'],
    ['failed.aborted', 1, false, 'setup failed'],
  ]);
  expect(reasonsOf(store, 'connections')[1]!.latest?.remote).toBe('latest');
});

test('counts that the recorder sends include endings that are no longer listed', () => {
  const [node, store] = [new NodeFrames(), new Store()];
  node.born('connection-setup', 'connection-setup:1', 'rejected.self');
  node.ended(ending({ state: 'rejected.self' }));
  const frame = node.frame();
  const name = frame.names!.indexOf('rejected.self');
  store.apply({ ...frame, endingCounts: [[name, 7]] });
  expect(counts(store, 'all')).toEqual([['rejected.self', 7, true, 'rejected by us']]);
  store.clear();
  expect(counts(store, 'all')).toEqual([]);
});

test('dials are counted by their last transition, without those whose connection was set up', () => {
  const [node, store] = [new NodeFrames(), new Store()];
  const dial = node.born('dial-task', 'dial-task:1', 'connecting');
  node.step(dial, 'x', 'y', ['connecting', 'connect.refused', 'connectionRefused']);
  node.step(dial, 'x', 'y', ['settingUp', 'setup.ended', 'done']);
  node.step(dial, 'x', 'y', ['settingUp', 'setup.ended', 'setupFailed']);
  node.step(dial, 'x', 'y', ['settingUp', 'stop', 'cancelled']);
  node.step(dial, 'x', 'y', ['checkingEndpoint', 'always', 'connecting']);
  node.ended(ending({ type: 'dialFailed', connection: null, state: 'setupFailed' }));
  store.apply(node.frame());
  expect(counts(store, 'dials')).toEqual([['connectionRefused', 1, true, 'dial ended']]);
  expect(counts(store, 'all')).toEqual(counts(store, 'dials'));
});
