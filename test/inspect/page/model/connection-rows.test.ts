import { expect, test } from 'vitest';

import { connectionRows } from '../../../../src/inspect/page/model/connection-rows.ts';
import { readFilter } from '../../../../src/inspect/page/model/filter.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { ending, NodeFrames, setupRow } from './node-frames.ts';

function node() {
  const [frames, store] = [new NodeFrames(), new Store()];
  for (const each of [1, 2, 3, 4]) {
    frames.t = each * 10;
    frames.born(
      'connection-setup',
      `connection-setup:${each}`,
      'protoHandshake',
      setupRow({ client: each % 2 ? 'geth' : 'reth' }),
    );
  }
  for (const [each, at] of [
    [1, 70],
    [4, 60],
  ] as const) {
    frames.t = at;
    frames.over(each);
    frames.ended(
      ending({ connection: String(each), type: 'drop', state: 'ending.rejected.silence' }),
    );
  }
  store.apply(frames.frame());
  return (list: 'live' | 'ended', filter = '', now = 100) =>
    connectionRows(store, list, readFilter(filter), now);
}

const keys = ({ rows }: ReturnType<ReturnType<typeof node>>) =>
  rows.map(({ attempt }) => attempt.key);

test('live connections are sorted youngest first, ended ones latest first', () => {
  const rowsOf = node();
  expect(keys(rowsOf('live'))).toEqual(['3', '2']);
  expect(keys(rowsOf('ended'))).toEqual(['1', '4']);
});

test('live and ended are counted without the filter', () => {
  const { rows, live, ended } = node()('live', 'client:besu');
  expect([rows.length, live, ended]).toEqual([0, 2, 2]);
});

test('the filter matches identity, state and age', () => {
  const rowsOf = node();
  expect(keys(rowsOf('live', 'client:reth'))).toEqual(['2']);
  expect(keys(rowsOf('live', 'state:protoHandshake age:<0.08'))).toEqual(['3']);
  expect(keys(rowsOf('live', 'age:<0.08', 1_000_000))).toEqual([]);
  expect(keys(rowsOf('ended', 'age:<0.06', 1_000_000))).toEqual(['4']);
  expect(keys(rowsOf('ended', 'reason:silence'))).toEqual(['1', '4']);
  expect(keys(rowsOf('live', 'reason:protoHandshake'))).toEqual([]);
});

test('an ended connection shows the state and machine of its ending', () => {
  const [row] = node()('ended').rows;
  expect([row!.machine, row!.state, row!.beganAt, row!.endedAt]).toEqual([
    'peer',
    'ending.rejected.silence',
    10,
    70,
  ]);
});
