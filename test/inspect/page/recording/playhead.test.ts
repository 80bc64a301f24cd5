/** A position in a tape, and the frames between two positions. */
import { describe, expect, test } from 'vitest';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { Playhead } from '../../../../src/inspect/page/recording/playhead.ts';
import { Tape } from '../../../../src/inspect/page/recording/tape.ts';
import { actorLine, endingOf, HEADER, LINES, stepLine } from '../../../support/recording-lines.ts';

function tapeOf(lines: Parameters<Tape['add']>[0][] | typeof LINES): Tape {
  const tape = new Tape(HEADER);
  for (const line of lines) tape.add(line);
  return tape;
}

function atPlay(lines: Parameters<typeof tapeOf>[0] = LINES) {
  const tape = tapeOf(lines);
  const head = new Playhead(tape);
  const store = new Store();
  const to = (t: number) => {
    const frame = head.advance(tape.after(t), t);
    expect(store.apply(frame)).toBe(true);
    expect(store.unreadable).toBe(0);
    return frame;
  };
  return { tape, head, store, to };
}

const seen = ({ actors }: Store) =>
  Object.fromEntries(
    [...actors.values()].map(({ id, state, at, status }) => [id, [state, at, status]]),
  );

test('only the first frame describes the recording', () => {
  const { to } = atPlay();
  expect(to(0)).toMatchObject({
    t: 0,
    about: {
      protocol: 4,
      source: 'file',
      actions: false,
      startedAt: HEADER.startedAt,
      node: HEADER.node,
      masked: false,
    },
  });
  expect(to(1)).not.toHaveProperty('about');
});

describe('a viewer sees the state of any time', () => {
  test('in one frame', () => {
    const { store, to } = atPlay();
    const frame = to(1_000);
    expect(frame).not.toHaveProperty('moved'); // a new actor is sent once
    expect(frame).not.toHaveProperty('rows');
    expect(seen(store)).toEqual({
      server: ['running', 1, 'active'],
      listener: ['open.accepting', 2, 'active'],
      'connection-setup:1': ['admitted', 120, 'done'],
      'peer:1': ['running.resting', 121, 'active'],
      'connection-setup:2': ['rejected.tooManyPeers', 220, 'done'],
      'dial-task:cd': ['connecting', 900, 'active'],
    });
    expect(store.endings.map(({ state }) => state)).toEqual(['rejected.tooManyPeers']);
    expect(store.attempts.get('1')?.setup?.row).toMatchObject({ client: 'geth/v1.16' });
  });

  test('frame by frame', () => {
    const [whole, slow] = [atPlay(), atPlay()];
    whole.to(1_000);
    for (let t = 0; t <= 1_000; t += 10) slow.to(t);
    expect(seen(slow.store)).toEqual(seen(whole.store));
    expect(slow.store.transitions).toEqual(whole.store.transitions);
    expect(slow.store.log).toEqual(whole.store.log);
    expect(slow.store.endings).toEqual(whole.store.endings);
    expect([...slow.store.actors.values()]).toEqual([...whole.store.actors.values()]);
  });

  test('in the middle', () => {
    const { store, to } = atPlay();
    to(115);
    expect(seen(store)).toMatchObject({ 'connection-setup:1': ['protoHandshake', 110, 'active'] });
    expect(store.attempts.get('1')?.setup?.row).toMatchObject({ client: 'geth/v1.16' });
    expect(store.endings).toEqual([]);
  });

  test('after a rewind', () => {
    const { head, store, to } = atPlay();
    to(1_000);
    head.rewind();
    to(1);
    expect(seen(store)).toEqual({ server: ['running', 1, 'active'] });
    expect(store.log).toHaveLength(2);
  });
});

test('an actor older than the recording keeps the time of its state', () => {
  const { store, to } = atPlay([
    { ...actorLine(5, 1, 'server', 'server'), state: 'running', since: 90 },
  ]);
  to(100);
  expect(store.actors.get(1)).toMatchObject({ startedAt: 5, at: 90, state: 'running' });
});

test('a state first used in a later frame has its name', () => {
  const { store, to } = atPlay([
    { ...actorLine(5, 1, 'server', 'server'), state: 'idle' },
    { ...actorLine(50, 2, 'listener', 'listener'), state: 'open' },
  ]);
  to(10);
  to(100);
  expect(store.actors.get(2)).toMatchObject({ machine: 'listener', state: 'open' });
});

test('a step without a state change counts, and keeps the time of the state', () => {
  const { store, to } = atPlay([
    actorLine(0, 1, 'm', 'm'),
    stepLine(0, 1, 'xstate.init', 'a'),
    stepLine(50, 1, 'ping', 'a'),
  ]);
  to(100);
  expect(store.actors.get(1)).toMatchObject({ at: 0, steps: 2 });
});

describe('the history of an actor', () => {
  const events = (store: Store, actor: number) =>
    store.histories.get(actor)?.map(({ event }) => event);

  test('is sent from its start when in focus, and continues with the tape', () => {
    const { head, store, to } = atPlay();
    to(105);
    store.apply(head.focus([3], 105));
    expect(events(store, 3)).toEqual(['xstate.init']);
    to(1_000);
    expect(events(store, 3)).toEqual(['xstate.init', 'auth.received', 'hello.received']);
    expect(store.histories.has(5)).toBe(false);
  });

  test('has the sequence numbers of the log', () => {
    const { head, store, to } = atPlay();
    to(1_000);
    store.apply(head.focus([3], 1_000));
    const logged = store.log.filter(({ actor }) => actor === 3);
    expect(store.histories.get(3)).toEqual(logged);
  });

  test('keeps its first steps and its last ones', () => {
    const steps = Array.from({ length: 9_000 }, (_, t) => stepLine(t, 1, `e${t}`, 's'));
    const { head, to } = atPlay([actorLine(0, 1, 'm', 'm'), ...steps]);
    to(9_000);
    const { focusedSteps: life = [] } = head.focus([1], 9_000);
    expect(life).toHaveLength(2_000);
    expect([life[0]![0], life[199]![0], life[200]![0], life.at(-1)![0]]).toEqual([
      0, 199, 7_200, 8_999,
    ]);
  });
});

describe('bounds', () => {
  test('the log of a long range has its latest steps and their full count', () => {
    const steps = Array.from({ length: 1_500 }, (_, t) => stepLine(t, 1, `e${t}`, 's'));
    const { to, tape } = atPlay([actorLine(0, 1, 'm', 'm'), ...steps]);
    const { log = [], logTotal: logOf } = to(2_000);
    expect(log).toHaveLength(200);
    expect(tape.names[log.at(-1)![3]]).toBe('e1499');
    expect(logOf).toBe(1_500);
  });

  test('of a long range only the latest endings are sent', () => {
    const endings = Array.from({ length: 2_500 }, (_, t) => ({
      type: 'ending' as const,
      ending: endingOf(t, `s${t}`),
    }));
    const { endings: told = [] } = atPlay(endings).to(3_000);
    expect(told).toHaveLength(1_000);
    expect([told[0]?.state, told.at(-1)?.state]).toEqual(['s1500', 's2499']);
  });

  test('the oldest ended actors are forgotten, also those of an earlier frame', () => {
    const lives = Array.from({ length: 1_010 }, (_, actor) => [
      actorLine(actor, actor, 'm', `${actor}`),
      stepLine(actor, actor, 'xstate.init', 'a', ['', 'xstate.init', 'a']),
      { type: 'actorEnded', t: actor, actor, status: 'done' } as const,
    ]).flat();
    const { to, store } = atPlay(lives);
    expect(to(499).forgotten).toBeUndefined();
    expect(to(2_000).forgotten).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(store.actors.size).toBe(1_000);
    expect(store.transitions[0]?.total).toBe(1_010);
  });

  test('an actor added and forgotten within one frame is not sent', () => {
    const lives = Array.from({ length: 1_010 }, (_, actor) => [
      actorLine(actor, actor, 'm', `${actor}`),
      { type: 'actorEnded', t: actor, actor, status: 'done' } as const,
    ]).flat();
    const { actors = [], forgotten: gone, actorsEnded: over = [] } = atPlay(lives).to(2_000);
    expect(gone).toBeUndefined();
    expect([actors.length, over.length]).toEqual([1_000, 1_000]);
  });
});
