import { expect, test } from 'vitest';

import { activeBoxes, allMarks, oneMarks } from '../../../../src/inspect/page/chart/chart-marks.ts';
import { CHARTS } from '../../../../src/inspect/page/chart/charts.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { storyOf } from '../../../../src/inspect/page/model/story.ts';
import { NodeFrames, setupRow } from '../model/node-frames.ts';

const setup = CHARTS.get('connection-setup')!.map;

/** An inbound connection that we reject. */
function rejected() {
  const [node, store] = [new NodeFrames(), new Store()];
  const actor = node.born(
    'connection-setup',
    'connection-setup:1',
    'encHandshake.awaitingAuth',
    setupRow(),
  );
  node.step(actor, 'xstate.init', 'encHandshake.awaitingAuth', [
    'encHandshake.choosingRole',
    'always',
    'encHandshake.awaitingAuth',
  ]);
  node.step(actor, 'auth.received', 'encHandshake.sendingAck', [
    'encHandshake.awaitingTurn',
    'auth.received',
    'encHandshake.sendingAck',
  ]);
  node.step(actor, 'reject.tooManyPeers', 'rejected.tooManyPeers', [
    '',
    'reject.tooManyPeers',
    'rejected.tooManyPeers',
  ]);
  node.step(actor, 'link.closed', 'closed', ['rejected', 'link.closed', 'closed']);
  store.apply(node.frame());
  return { node, store, steps: storyOf(store, '1')!.steps };
}

test('one actor: its state, past states and last transition', () => {
  const { steps } = rejected();
  const { on, was, lines, rows, isLost } = oneMarks(setup, 'connection-setup', steps, 1);
  expect([...on]).toEqual(['encHandshake.sendingAck', 'encHandshake']);
  expect([...was].sort()).toEqual([
    'encHandshake.awaitingAuth',
    'encHandshake.awaitingTurn',
    'encHandshake.choosingRole',
  ]);
  expect([...lines]).toEqual([
    setup.lineOf({
      source: 'encHandshake.awaitingTurn',
      event: 'auth.received',
      target: 'encHandshake.sendingAck',
    }),
  ]);
  expect([rows.size, isLost]).toEqual([0, false]);
});

test('a rejection marks the row of the state it left and that of its reason', () => {
  const { steps } = rejected();
  const { on, was, rows, lines } = oneMarks(setup, 'connection-setup', steps, 2);
  expect([...on]).toEqual(['rejected']);
  expect(was.has('encHandshake')).toBe(true);
  expect(was.has('')).toBe(false);
  expect([...rows].sort()).toEqual(
    [
      setup.listedRow('rejected.tooManyPeers'),
      setup.rowOf({ source: '', event: 'reject.tooManyPeers', target: 'rejected.tooManyPeers' }),
    ].sort(),
  );
  expect(lines.size).toBe(0);
});

test('the reason stays marked after the link is closed', () => {
  const { steps } = rejected();
  const { on, rows } = oneMarks(setup, 'connection-setup', steps, 3);
  expect([...on]).toEqual(['closed']);
  expect(rows.has(setup.listedRow('rejected.tooManyPeers')!)).toBe(true);
});

test('an ending passed within the closing step is marked too', () => {
  const { node, store } = rejected();
  const failed = 'failed.connectionClosed';
  node.step(1, 'link.closed', 'closed', ['', 'fail', failed], ['failed', 'always', 'closed']);
  store.apply(node.frame());
  const { rows } = oneMarks(setup, 'connection-setup', storyOf(store, '1')!.steps, 4);
  expect(rows.has(setup.listedRow(failed)!)).toBe(true);
});

test('steps of other machines mark nothing', () => {
  const { steps } = rejected();
  const { on, was, sequence } = oneMarks(CHARTS.get('peer')!.map, 'peer', steps, 3);
  expect([on.size, was.size, sequence]).toEqual([0, 0, -1]);
});

test('a state missing from the picture is reported', () => {
  const { node, store } = rejected();
  node.step(1, 'x', 'flying');
  store.apply(node.frame());
  expect(oneMarks(setup, 'connection-setup', storyOf(store, '1')!.steps, 4).isLost).toBe(true);
  expect(allMarks(setup, 'connection-setup', store).isLost).toBe(true);
});

test('all actors: counts of states and rows, rates of lines', () => {
  const { node, store } = rejected();
  node.over(1);
  for (const each of [2, 3])
    node.born(
      'connection-setup',
      `connection-setup:${each}`,
      'encHandshake.sendingAck',
      setupRow(),
    );
  node.born('peer', 'peer:9', 'running.resting');
  node.t = 100;
  node.step(2, 'ack.sent', 'postHandshakeCheckpoint', [
    'encHandshake.sendingAck',
    'ack.sent',
    'postHandshakeCheckpoint',
  ]);
  store.apply(node.frame());
  const { counts, rows, rates, alive } = allMarks(setup, 'connection-setup', store);
  expect(alive).toBe(2);
  expect(Object.fromEntries(counts)).toEqual({
    encHandshake: 1,
    'encHandshake.sendingAck': 1,
    postHandshakeCheckpoint: 1,
  });
  expect(Object.fromEntries(rows)).toEqual({
    [setup.listedRow('rejected.tooManyPeers')!]: 1,
    [setup.rowOf({
      source: '',
      event: 'reject.tooManyPeers',
      target: 'rejected.tooManyPeers',
    })!]: 1,
  });
  const line = setup.lineOf({
    source: 'encHandshake.sendingAck',
    event: 'ack.sent',
    target: 'postHandshakeCheckpoint',
  })!;
  expect([...rates.keys()]).toEqual([line]);
  expect(rates.get(line)).toBeGreaterThan(0);
});

test('one actor: its path has all its transitions, also those before the last', () => {
  const { steps } = rejected();
  const { path } = oneMarks(setup, 'connection-setup', steps, 3);
  const lineOf = (source: string, event: string, target: string) =>
    setup.lineOf({ source, event, target })!;
  expect([...path.lines].sort()).toEqual(
    [
      lineOf('encHandshake.choosingRole', 'always', 'encHandshake.awaitingAuth'),
      lineOf('encHandshake.awaitingTurn', 'auth.received', 'encHandshake.sendingAck'),
      lineOf('rejected', 'link.closed', 'closed'),
    ].sort(),
  );
  const way = { source: '', event: 'reject.tooManyPeers', target: 'rejected.tooManyPeers' };
  expect(path.rows.has(setup.rowOf(way)!)).toBe(true);
  expect(oneMarks(setup, 'connection-setup', steps, 0).path.lines.size).toBe(1);
});

test('the active boxes are the innermost ones, those with most actors first', () => {
  const counts = new Map([
    ['encHandshake', 9],
    ['encHandshake.awaitingAck', 2],
    ['encHandshake.sendingAck', 7],
    ['protoHandshake', 3],
  ]);
  expect(activeBoxes(counts)).toEqual([
    'encHandshake.sendingAck',
    'protoHandshake',
    'encHandshake.awaitingAck',
  ]);
});
