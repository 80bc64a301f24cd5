import { expect, test } from 'vitest';

import { Store } from '../../../../src/inspect/page/model/store.ts';
import {
  endingsIn,
  focusOf,
  KEPT_FIRST,
  stepAt,
  storyOf,
  toneOfStep,
} from '../../../../src/inspect/page/model/story.ts';
import { FIRST_STEPS } from '../../../../src/inspect/recorder/recorded-actors.ts';
import { NodeFrames, setupRow } from './node-frames.ts';

function grown() {
  const [node, store] = [new NodeFrames(), new Store()];
  const setup = node.born('connection-setup', 'connection-setup:1', 'a', setupRow());
  node.step(setup, 'one', 'a');
  node.t = 10;
  const peer = node.born('peer', 'peer:1', 'running', { protocols: [] });
  node.step(peer, 'two', 'running');
  node.step(setup, 'three', 'admitted');
  node.over(setup);
  store.apply(node.frame());
  return { node, store, setup, peer };
}

test('steps of all actors of a connection are merged in order', () => {
  const { store, setup, peer } = grown();
  const story = storyOf(store, '1')!;
  expect(story.steps.map(({ event, machine, of }) => [event, machine, of])).toEqual([
    ['one', 'connection-setup', 'connection-setup:1'],
    ['two', 'peer', 'peer:1'],
    ['three', 'connection-setup', 'connection-setup:1'],
  ]);
  expect([story.beganAt, story.endedAt, story.missing, story.hole]).toEqual([0, null, 0, null]);
  expect(focusOf(story)).toEqual([setup, peer]);
});

test('a single actor has a story of its own', () => {
  const { store, peer } = grown();
  const story = storyOf(store, `a${peer}`)!;
  expect(story.attempt).toBeNull();
  expect(story.steps.map(({ event }) => event)).toEqual(['two']);
});

test('a forgotten selection has no story', () => {
  const { store } = grown();
  expect([storyOf(store, '2'), storyOf(store, 'a99'), storyOf(store, 'd1')]).toEqual([
    null,
    null,
    null,
  ]);
  expect(focusOf(null)).toEqual([]);
});

test('steps that were not recorded are missing after the first ones', () => {
  const { node, store, peer } = grown();
  for (let each = 0; each < 100; each += 1) node.step(peer, `e${each}`, 'running');
  const frame = node.frame();
  store.apply({
    ...frame,
    focusedSteps: [...frame.focusedSteps!.slice(0, 40), ...frame.focusedSteps!.slice(60)],
  });
  const { missing, hole, steps } = storyOf(store, '1')!;
  expect(missing).toBe(20);
  expect(steps[hole!]!.event).toBe(`e${KEPT_FIRST - 2}`);
});

test('the page expects as many first steps as the recorder keeps', () => {
  expect(KEPT_FIRST).toBe(FIRST_STEPS);
});

test('before the first steps are complete none count as missing', () => {
  const { node, store, peer } = grown();
  for (let each = 0; each < 50; each += 1) node.step(peer, 'x', 'running');
  store.apply(node.frame({ focusedSteps: [] }));
  expect(storyOf(store, '1')!.missing).toBe(0);
});

test('selecting the last step follows the live state', () => {
  const story = storyOf(grown().store, '1')!;
  expect([-1, 0, 1, 2, 9].map((place) => stepAt(story, place))).toEqual([0, 0, 1, null, null]);
});

test('a step that passes through an ending has the tone of that ending', () => {
  const { node, store, setup } = grown();
  const failed = 'failed.connectionClosed';
  node.step(setup, 'link.closed', 'closed', ['', 'fail', failed], ['failed', 'always', 'closed']);
  node.step(
    setup,
    'stop',
    'closed',
    ['', 'stop', 'failed.aborted'],
    ['failed', 'always', 'closed'],
  );
  store.apply(node.frame());
  const [bad, calm] = storyOf(store, '1')!.steps.slice(-2);
  expect([endingsIn(bad!), toneOfStep(bad!)]).toEqual([[failed], 'bad']);
  expect([endingsIn(calm!), toneOfStep(calm!)]).toEqual([['failed.aborted'], 'over']);
});
