import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Store } from '../../../../src/inspect/page/model/store.ts';
import { ending, NodeFrames, setupRow } from './node-frames.ts';

function followed() {
  const [node, store] = [new NodeFrames(), new Store()];
  const tell = (more = {}) => store.apply(node.frame(more), 5);
  return { node, store, tell };
}

test('an actor starts, changes state and ends', () => {
  const { node, store, tell } = followed();
  const peer = node.born('peer', 'peer:1', 'announcing', { protocols: ['eth/69'] });
  tell();
  expect(store.actors.get(peer)).toEqual({
    number: peer,
    machine: 'peer',
    id: 'peer:1',
    parent: null,
    startedAt: 0,
    state: 'announcing',
    at: 0,
    steps: 0,
    status: 'active',
    endedAt: null,
    row: { protocols: ['eth/69'] },
  });

  node.t = 70;
  node.step(peer, 'announcement.delivered', 'running.resting', [
    'announcing',
    'announcement.delivered',
    'running',
  ]);
  node.over(peer, 'stopped');
  tell();
  expect(store.actors.get(peer)).toMatchObject({
    state: 'running.resting',
    at: 70,
    steps: 1,
    status: 'stopped',
    endedAt: 70,
  });
  expect(store.now).toBe(70);
  expect(store.receivedAt).toBe(5);

  node.gone(peer);
  tell();
  expect(store.actors.has(peer)).toBe(false);
});

test('each frame raises the change counter, also an unreadable one', () => {
  const { store, tell } = followed();
  tell();
  expect(store.changed.value).toBe(1);
  expect(store.apply('no frame')).toBe(false);
  expect(store.changed.value).toBe(2);
  expect(store.unreadable).toBe(1);
});

test('transitions count from the first frame, rates from the second', () => {
  const { node, store, tell } = followed();
  const peer = node.born('peer', 'peer:1', 'a');
  node.step(peer, 'x', 'b', ['a', 'x', 'b']);
  node.step(peer, 'x', 'b', ['a', 'x', 'b']);
  tell();
  const [way] = store.transitions;
  expect(way).toEqual({ machine: 'peer', source: 'a', event: 'x', target: 'b', total: 2 });
  expect(store.rates.of(way!)).toBe(0);
  expect(store.rates.events).toBe(0);

  node.t = 1_000;
  node.step(peer, 'x', 'b', ['a', 'x', 'b']);
  tell();
  expect(way!.total).toBe(3);
  expect(store.rates.of(way!)).toBeGreaterThan(0);
  expect(store.rates.events).toBeGreaterThan(0);
});

test('the first frame of a new stream clears the store', () => {
  const { node, store, tell } = followed();
  const peer = node.born('peer', 'peer:1', 'a');
  node.step(peer, 'x', 'b', ['a', 'x', 'b']);
  node.ended(ending());
  tell({ skippedFrames: 3, ignoredEvents: 2, unrecordedActors: 1 });
  expect([store.skipped, store.ignored, store.unseen]).toEqual([3, 2, 1]);
  tell({ skippedFrames: 4 });
  expect([store.skipped, store.ignored, store.unseen]).toEqual([7, 2, 1]);
  store.apply(new NodeFrames().frame());
  expect([store.skipped, store.ignored, store.unseen]).toEqual([0, 0, 0]);
  expect(
    store.actors.size + store.transitions.length + store.log.length + store.endings.length,
  ).toBe(0);
  expect(store.histories.size + store.attempts.size + store.skipped).toBe(0);
});

test('the history of an actor grows, and repeated steps are stored once', () => {
  const { node, store } = followed();
  const peer = node.born('peer', 'peer:1', 'a');
  node.step(peer, 'x', 'b', ['a', 'x', 'b']);
  const first = node.frame();
  store.apply(first);
  node.step(peer, 'y', 'a', ['b', 'y', 'a']);
  const second = node.frame();
  store.apply({ ...second, focusedSteps: [...first.focusedSteps!, ...second.focusedSteps!] });
  expect(store.histories.get(peer)!.map(({ event }) => event)).toEqual(['x', 'y']);
  expect(store.histories.get(peer)![1]!.transitions).toEqual([store.transitions[1]]);
  store.focus([]);
  expect(store.histories.size).toBe(0);
});

test('histories fetched separately have their own names and transitions', () => {
  const { node, store, tell } = followed();
  const peer = node.born('peer', 'peer:1', 'a');
  node.step(peer, 'x', 'b', ['a', 'x', 'b']);
  node.t = 5;
  tell({ focusedSteps: [] });
  store.applyHistories({
    t: 1,
    hz: 1,
    names: ['b', 'x', 'a', 'peer', 'new'],
    transitions: [
      [3, 2, 1, 0],
      [3, 0, 4, 4],
    ],
    focusedSteps: [
      [1, peer, 0, 1, 0, 0],
      [2, peer, 1, 4, 4, 1],
      [3, peer, 6, 4, 4, 1],
    ],
  });
  const life = store.histories.get(peer)!;
  expect(life.map(({ event, state }) => [event, state])).toEqual([
    ['x', 'b'],
    ['new', 'new'],
  ]);
  expect(life[0]!.transitions[0]).toBe(store.transitions[0]);
  expect(life[1]!.transitions[0]).toMatchObject({ source: 'b', target: 'new', total: 0 });
});

describe('bounds', () => {
  test('on the log and the endings', () => {
    const { node, store, tell } = followed();
    const peer = node.born('peer', 'peer:1', 'a');
    for (let turn = 0; turn < 6; turn += 1) {
      for (let step = 0; step < 200; step += 1) {
        node.step(peer, 'x', 'b');
        node.ended(ending());
      }
      tell();
    }
    expect(store.log).toHaveLength(400);
    expect(store.log.at(-1)!.sequence).toBe(1_200);
    expect(store.endings).toHaveLength(1_000);
  });

  test('on histories in focus', () => {
    const { node, store, tell } = followed();
    for (let each = 0; each < 6; each += 1)
      node.step(node.born('peer', `peer:${each}`, 'a'), 'x', 'b');
    tell();
    expect([...store.histories.keys()]).toEqual([1, 2, 3, 4]);
  });

  test('on ended actors: the oldest are forgotten, running ones never', () => {
    const { node, store, tell } = followed();
    const first = node.born('peer', 'peer:x', 'a');
    for (let each = 0; each < 1_100; each += 1) {
      node.t = each;
      node.over(node.born('peer', `peer:${each}`, 'a'));
    }
    tell();
    expect(store.actors.size).toBe(1_001);
    expect(store.actors.has(first)).toBe(true);
    expect(store.attempts.get('99')).toBeUndefined();
    expect(store.attempts.get('100')).toBeDefined();
  });
});

test('an index without an entry is shown as unknown', () => {
  const store = new Store();
  store.apply({
    t: 1,
    hz: 1,
    actors: [[1, 9, 'peer:1', -1, 0, 9, 0, 0, 'active', null]],
    log: [[1, 7, 0, 9, 9, 9]],
    transitionCounts: [[9, 1]],
    moved: [[8, 0, 0, 0]],
    actorsEnded: [[8, 0, 'done']],
    rows: [[8, {}]],
    forgotten: [8],
  });
  expect(store.actors.get(1)).toMatchObject({ machine: '?', state: '?' });
  expect(store.log[0]).toMatchObject({ event: '?', state: '?', transitions: [] });
});

test('no frame makes it throw', () => {
  const number = fc.integer({ min: -2, max: 6 });
  const item = fc.oneof(
    number,
    fc.constantFrom('a', 'done', null),
    fc.array(fc.oneof(number, fc.constantFrom('done', 'peer:1', null))),
  );
  const keys = [
    'names',
    'transitions',
    'actors',
    'moved',
    'rows',
    'actorsEnded',
    'forgotten',
    'transitionCounts',
    'log',
    'focusedSteps',
    'endings',
    'about',
  ];
  const part = fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(fc.array(item, { maxLength: 5 }), item),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const store = new Store();
      store.apply(new NodeFrames().frame({ names: ['dial-task', 'connection-setup', 'peer'] }));
      for (const one of parts) store.apply({ ...one, t: 1, hz: 1 });
      for (const one of parts) store.applyHistories({ ...one, t: 1, hz: 1 });
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('a row with an address joins the dial to its connection', () => {
  const { node, store, tell } = followed();
  const dial = node.born('dial-task', 'dial-task:ab', 'connecting', {
    direction: 'static',
    id: 'ab',
    remote: '9.9.9.9:1',
  });
  const setup = node.born('connection-setup', 'connection-setup:4', 'encHandshake');
  tell();
  expect(store.attempts.size).toBe(2);
  node.row(setup, setupRow({ direction: 'static', remote: '9.9.9.9:1', slot: null }));
  tell();
  expect(store.attempts.size).toBe(1);
  expect(store.attempts.of(dial)!.key).toBe('4');
});
