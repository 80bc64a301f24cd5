import { expect, test } from 'vitest';

import { freshnessOf } from '../../../../src/inspect/page/base/freshness.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { NodeFrames } from '../model/node-frames.ts';

function known(server?: string, protocol = 4) {
  const [node, store] = [new NodeFrames(), new Store()];
  const frame = node.frame();
  store.apply({ ...frame, about: { ...frame.about, protocol } });
  if (server)
    store.apply({
      t: 1,
      hz: 10,
      views: {
        server: {
          state: server,
          enode: '',
          peers: 0,
          maxPeers: 0,
          inbound: 0,
          maxInbound: 0,
          trusted: 0,
          loopDelay: 0,
        },
        listener: null,
        dials: null,
        discovery: null,
        discoveryV5: null,
        peers: [],
      },
    });
  return store;
}

test('a live page shows the frame rate', () => {
  expect(freshnessOf(known(), 'live')).toEqual({ state: 'live', words: 'live, 10 Hz', notice: '' });
});

test('a broken stream reconnects, unless the node was stopping', () => {
  expect(freshnessOf(known('running'), 'reconnecting').state).toBe('reconnecting');
  expect(freshnessOf(known('stopping.peers'), 'reconnecting').state).toBe('stopped');
  expect(freshnessOf(known('stopped'), 'live').state).toBe('live');
});

test('without a frame there is no last state to show', () => {
  expect(freshnessOf(new Store(), 'reconnecting').notice).not.toMatch(/last state/);
  expect(freshnessOf(known(), 'reconnecting').notice).toMatch(/last state/);
});

test('frames of another protocol version are not read', () => {
  expect(freshnessOf(known(undefined, 1), 'live')).toMatchObject({
    state: 'stopped',
    words: 'wrong version',
  });
});

test.for(['connecting', 'paused', 'hidden', 'stopped', 'signedOut', 'file'] as const)(
  '%s has a text',
  (connectivity) => {
    expect(freshnessOf(known(), connectivity).words).not.toBe('');
  },
);
