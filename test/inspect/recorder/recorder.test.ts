import { describe, expect, test } from 'vitest';
import { Lifecycle } from '../../../src/actors/lifecycle.ts';
import type { Ending, Frame } from '../../../src/inspect/protocol.ts';
import { Recorder, stepBytes } from '../../../src/inspect/recorder/recorder.ts';
import { START } from '../../../src/inspect/recorder/viewer.ts';
import { ABOUT, house, lamp, recordedStage, stage } from '../../support/inspected-actors.ts';

const open = (recorder: Recorder) => recorder.open({ actions: false });

const ending = (state: string): Omit<Ending, 'at'> => ({
  type: 'ended',
  connection: '1',
  actor: 'connection-setup:1',
  direction: 'inbound',
  remote: '192.0.2.1:1',
  id: '',
  client: '',
  state,
  facts: {},
  ms: 1,
  bytesIn: 2,
  bytesOut: 3,
  explanation: { verdict: 'V.', remedy: 'R.', confidence: 'certain', evidence: ['e'] },
});

/** With words for numbers. */
function read(frame: Frame | null, names: readonly string[]) {
  const word = (name: number | undefined): string => names[name!]!;
  return {
    actors: frame?.actors?.map(([number, machine, id, parent, , state, at, steps, status]) =>
      [number, word(machine), id, parent, word(state), at, steps, status].join(' '),
    ),
    log: frame?.log?.map(([, actor, at, event, state]) =>
      [actor, at, word(event), word(state)].join(' '),
    ),
  };
}

describe('a recorder', () => {
  test('keeps the state of each actor, when it was entered, and the steps that led there', () => {
    const { run, recorder, clock } = recordedStage();
    clock.advance(5);
    const home = run(house);
    clock.advance(10);
    home.send({ type: 'dusk' });
    const frame = open(recorder).next(10)!;
    expect(read(frame, frame.names!)).toEqual({
      actors: ['1 house house -1 night.lit 15 2 active', '2 lamp lamp 1 on 15 2 active'],
      log: ['1 5 xstate.init day', '1 15 dusk night.lit', '2 15 xstate.init off', '2 15 flip on'],
    });
  });

  test('has the state of an actor that ran before, without its steps', () => {
    const { run, inspection, clock } = stage();
    run(lamp).send({ type: 'flip' });
    const late = new Recorder({ clock, about: ABOUT });
    inspection.watch(new Lifecycle(late));
    const frame = open(late).next(10)!;
    expect(read(frame, frame.names!).actors).toEqual(['1 lamp lamp -1 on 0 0 active']);
  });

  test('keeps the time of a state through steps that stay in it', () => {
    const { run, recorder, clock } = recordedStage();
    const actor = run(lamp);
    clock.advance(10);
    actor.send({ type: 'unknown' });
    const frame = open(recorder).next(10)!;
    expect(read(frame, frame.names!).actors).toEqual(['1 lamp lamp -1 off 0 2 active']);
  });

  test('counts events that no state handles, and not those of XState', () => {
    const { run, recorder } = recordedStage();
    const actor = run(lamp);
    actor.send({ type: 'unknown' });
    actor.send({ type: 'unknown' });
    actor.stop();
    expect(open(recorder).next(10)).toMatchObject({ ignoredEvents: 2 });
  });

  test('counts each transition every time it is taken', () => {
    const { run, recorder } = recordedStage();
    const actor = run(lamp);
    for (let flips = 0; flips < 3; flips += 1) actor.send({ type: 'flip' });
    const { transitionCounts: taken, transitions: ways, names } = open(recorder).next(10)!;
    const lines = ways!.map((way) => way.map((name) => names![name]).join(' '));
    expect(lines).toEqual(['lamp off flip on', 'lamp on flip off']);
    expect(taken).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });

  test('shows an actor that threw as ended with an error', () => {
    const { run, recorder, faults } = recordedStage();
    run(lamp).send({ type: 'break' });
    expect(open(recorder).next(10)!.actors![0]![8]).toBe('error');
    expect(faults).toEqual([]);
  });

  test('escapes and cuts ids', () => {
    const { run, recorder } = recordedStage();
    run(lamp, `evil\u202e${'x'.repeat(1_000)}`);
    const id = open(recorder).next(10)!.actors![0]![2];
    expect(id).toMatch(/^evil\\u\{202e\}x+…$/);
    expect(id.length).toBeLessThanOrEqual(96);
  });

  test('adds the time to endings and counts them by state', () => {
    const { recorder, clock } = recordedStage();
    clock.advance(7);
    recorder.addEnding(ending('rejected.tooManyPeers'));
    recorder.addEnding(ending('rejected.tooManyPeers'));
    const { endings, endingCounts: ended, names } = open(recorder).next(10)!;
    expect(endings).toMatchObject([{ at: 7, state: 'rejected.tooManyPeers' }, { at: 7 }]);
    expect(ended!.map(([state, count]) => [names![state], count])).toEqual([
      ['rejected.tooManyPeers', 2],
    ]);
  });
});

describe('the memory of a recorder', () => {
  const LIMITS = { actors: 50, ended: 20, endings: 10 };

  test('does not grow with actors that come and go', () => {
    const { run, recorder } = recordedStage(LIMITS);
    for (let lives = 0; lives < 1_000; lives += 1) {
      const actor = run(lamp);
      for (let flips = 0; flips < 20; flips += 1) actor.send({ type: 'flip' });
      actor.stop();
    }
    const { actors, bytes, forgotten, names, transitions } = recorder.size;
    expect(actors).toBe(20);
    expect(bytes).toBeLessThanOrEqual(stepBytes(LIMITS.actors + LIMITS.ended));
    expect(forgotten).toBe(980);
    expect([names, transitions]).toEqual([7, 2]);
  });

  test('does not grow with steps', () => {
    const { run, recorder } = recordedStage(LIMITS);
    const actor = run(lamp);
    for (let flips = 0; flips < 20_000; flips += 1) actor.send({ type: 'flip' });
    expect(recorder.size.bytes).toBe(stepBytes(1));
  });

  test('is reused: a new actor takes that of a forgotten one', () => {
    const { run, recorder } = recordedStage({ ended: 1 });
    for (let lives = 0; lives < 3; lives += 1) run(lamp).stop();
    const before = recorder.size.bytes;
    run(lamp);
    expect(recorder.size.bytes).toBe(before);
    const viewer = open(recorder);
    viewer.focus([4]);
    expect(viewer.next(10)!.focusedSteps).toHaveLength(1);
  });

  test('has room for a number of running actors; further ones are counted until one ends', () => {
    const { run, recorder } = recordedStage({ ...LIMITS, actors: 2, ended: 0 });
    const [first] = [run(lamp), run(lamp), run(lamp)];
    expect(recorder.size.actors).toBe(2);
    expect(open(recorder).next(10)).toMatchObject({ unrecordedActors: 1 });
    first!.stop();
    run(lamp);
    expect(
      open(recorder)
        .next(10)!
        .actors!.map(([number]) => number),
    ).toEqual([2, 4]);
  });

  test('holds the latest endings, and counts all', () => {
    const { recorder } = recordedStage(LIMITS);
    for (let index = 0; index < 1_000; index += 1) recorder.addEnding(ending(`state ${index % 2}`));
    const { endings, endingCounts: ended } = open(recorder).next(10)!;
    expect([endings!.length, recorder.size.endings]).toEqual([10, 10]);
    expect(ended!.map(([, count]) => count)).toEqual([500, 500]);
  });

  test('is what the limits promise', () => {
    expect(stepBytes(1_000)).toBe((128 * 1_000 + 4_096) * 40);
  });
});

describe('changes since a cursor', () => {
  test('are the same when they are asked for twice, with another viewer reading in between', () => {
    const { run, recorder, clock } = recordedStage({ ended: 3 });
    const [reader, other] = [open(recorder), open(recorder)];
    let cursor = START;
    for (let round = 0; round < 30; round += 1) {
      clock.advance(10);
      const actor = run(lamp);
      actor.send({ type: round % 3 === 0 ? 'flip' : 'blink' });
      if (round % 2 === 0) actor.stop();
      if (round % 5 === 0) recorder.addEnding(ending(`state ${round}`));
      if (round % 3 === 1) continue;
      const focused = { ...cursor, focus: new Map([[round, 0]]) };
      const once = recorder.changesSince(focused);
      other.next(10);
      expect(recorder.changesSince(focused)).toEqual(once);
      reader.focus([round]);
      expect({ t: clock.now(), hz: 10, ...once.changes }).toMatchObject({
        ...reader.next(10),
        ...(round === 0 && { about: { node: 'a test' } }),
      });
      cursor = once.cursor;
    }
  });

  test('are none at the cursor that the last answer gave', () => {
    const { run, recorder } = recordedStage();
    run(lamp).send({ type: 'flip' });
    const { cursor } = recorder.changesSince(START);
    expect(cursor.change).toBeGreaterThan(0);
    expect(recorder.changesSince(cursor)).toEqual({ changes: {}, cursor });
  });

  test('never change the recorder: its size and its next frame stay the same', () => {
    const { run, recorder } = recordedStage();
    run(lamp).send({ type: 'flip' });
    const size = recorder.size;
    const fresh = open(recorder).next(10);
    for (let asked = 0; asked < 5; asked += 1) recorder.changesSince(START);
    expect(recorder.size).toEqual(size);
    expect(open(recorder).next(10)).toEqual(fresh);
  });
});
