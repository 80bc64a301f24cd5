import { describe, expect, test } from 'vitest';

import {
  actorsOf,
  beganAt,
  currentOf,
  endedAt,
  identityOf,
  isLive,
  stateOf,
} from '../../../../src/inspect/page/model/attempts.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { ending, NodeFrames, setupRow } from './node-frames.ts';

const dialRow = { direction: 'dynamic' as const, id: 'abcd', remote: '5.6.7.8:30303' };

function lived(live: (node: NodeFrames) => void) {
  const [node, store] = [new NodeFrames(), new Store()];
  live(node);
  store.apply(node.frame());
  return { node, store, attempts: store.attempts };
}

test('dial, setup and peer of one connection are one attempt', () => {
  const { attempts } = lived((node) => {
    const dial = node.born('dial-task', 'dial-task:abcd', 'settingUp', dialRow);
    node.t = 10;
    const setup = node.born(
      'connection-setup',
      'connection-setup:7',
      'encHandshake',
      setupRow({ ...dialRow, slot: null, client: 'geth', capabilities: ['eth/69'] }),
    );
    node.t = 30;
    node.step(setup, 'accept', 'admitted');
    node.over(setup);
    node.over(dial);
    node.born('peer', 'peer:7', 'running', { protocols: ['eth/69'] });
  });
  expect(attempts.size).toBe(1);
  const attempt = attempts.get('7')!;
  expect(actorsOf(attempt).map(({ machine }) => machine)).toEqual([
    'dial-task',
    'connection-setup',
    'peer',
  ]);
  expect(currentOf(attempt).machine).toBe('peer');
  expect([isLive(attempt), beganAt(attempt), endedAt(attempt)]).toEqual([true, 0, null]);
  expect(identityOf(attempt)).toEqual({
    direction: 'dynamic',
    remote: '5.6.7.8:30303',
    id: 'abcd',
    client: 'geth',
    capabilities: ['eth/69'],
    protocols: ['eth/69'],
    slot: null,
  });
});

test('a dial to the same address that ended, started later or is taken does not match', () => {
  const { attempts } = lived((node) => {
    node.over(node.born('dial-task', 'dial-task:1', 'connectTimeout', dialRow));
    node.t = 5;
    const setup = setupRow({ ...dialRow, slot: null });
    node.born('connection-setup', 'connection-setup:1', 'encHandshake', setup);
    node.t = 6;
    node.born('dial-task', 'dial-task:2', 'connecting', dialRow);
    node.t = 7;
    node.born('connection-setup', 'connection-setup:2', 'encHandshake', setup);
    node.born('connection-setup', 'connection-setup:3', 'encHandshake', setup);
    node.born(
      'connection-setup',
      'connection-setup:4',
      'encHandshake',
      setupRow({ remote: dialRow.remote }),
    );
  });
  expect(attempts.get('1')!.dial).toBeNull();
  expect(attempts.get('2')!.dial!.id).toBe('dial-task:2');
  expect(attempts.get('3')!.dial).toBeNull();
  expect(attempts.get('4')!.dial).toBeNull();
  expect([...attempts.all()].map(({ key }) => key)).toEqual(['d1', '1', '2', '3', '4']);
});

describe('an ending', () => {
  test('gives the reason in place of the last state', () => {
    const { attempts } = lived((node) => {
      const setup = node.born('connection-setup', 'connection-setup:1', 'closed', setupRow());
      node.t = 9;
      node.over(setup);
      node.ended(ending({ client: 'reth' }));
    });
    const attempt = attempts.get('1')!;
    expect([isLive(attempt), endedAt(attempt), stateOf(attempt)]).toEqual([
      false,
      9,
      'rejected.tooManyPeers',
    ]);
    expect(identityOf(attempt).client).toBe('reth');
  });

  test('that arrives before its actors waits for them', () => {
    const { node, store } = lived((frames) => frames.ended(ending({ connection: '3' })));
    node.over(node.born('connection-setup', 'connection-setup:3', 'closed', setupRow()));
    store.apply(node.frame());
    expect(store.attempts.get('3')!.ending!.connection).toBe('3');
  });

  test('of a dial without a connection belongs to the latest dial with that id', () => {
    const { attempts } = lived((node) => {
      node.over(node.born('dial-task', 'dial-task:ab', 'connectTimeout', dialRow));
      node.t = 5;
      node.over(node.born('dial-task', 'dial-task:ab', 'connectTimeout', dialRow));
      node.ended(
        ending({
          at: 6,
          type: 'dialFailed',
          connection: null,
          actor: 'dial-task:ab',
          state: 'connectTimeout',
        }),
      );
    });
    expect(attempts.get('d1')!.ending).toBeNull();
    expect(stateOf(attempts.get('d2')!)).toBe('connectTimeout');
  });

  test('of the connection replaces that of its dial', () => {
    const { attempts } = lived((node) => {
      node.born('connection-setup', 'connection-setup:1', 'closed', setupRow());
      node.ended(ending());
      node.ended(ending({ type: 'dialFailed', state: 'setupFailed' }));
    });
    expect(attempts.get('1')!.ending!.type).toBe('ended');
  });
});

test('a connection between setup and peer is live', () => {
  const { attempts } = lived((node) =>
    node.over(node.born('connection-setup', 'connection-setup:1', 'admitted', setupRow())),
  );
  expect(isLive(attempts.get('1')!)).toBe(true);
});

test('an attempt is forgotten with its last actor', () => {
  const { node, store } = lived((frames) => {
    frames.born('connection-setup', 'connection-setup:1', 'admitted', setupRow());
    frames.born('peer', 'peer:1', 'running', { protocols: [] });
  });
  node.gone(1);
  store.apply(node.frame());
  expect(store.attempts.get('1')).toBeDefined();
  node.gone(2);
  store.apply(node.frame());
  expect(store.attempts.get('1')).toBeUndefined();
  expect(store.attempts.of(2)).toBeUndefined();
});
