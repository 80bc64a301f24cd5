import { describe, expect, test } from 'vitest';
import { Lifecycle } from '../../../src/actors/lifecycle.ts';
import type { Ending, Frame } from '../../../src/inspect/protocol.ts';
import { Recorder, stepBytes } from '../../../src/inspect/recorder/recorder.ts';
import { ABOUT, house, lamp, recordedStage, stage } from '../../support/looked-at.ts';

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

describe('what is recorded', () => {
  test('is where every actor is, since when, and by which steps it came there', () => {
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

  test('an actor that was there before is at its place, without a past', () => {
    const { run, inspection, clock } = stage();
    run(lamp).send({ type: 'flip' });
    const late = new Recorder({ clock, about: ABOUT });
    inspection.watch(new Lifecycle(late));
    const frame = open(late).next(10)!;
    expect(read(frame, frame.names!).actors).toEqual(['1 lamp lamp -1 on 0 0 active']);
  });

  test('a step in place is no new beginning of its state', () => {
    const { run, recorder, clock } = recordedStage();
    const actor = run(lamp);
    clock.advance(10);
    actor.send({ type: 'unknown' });
    const frame = open(recorder).next(10)!;
    expect(read(frame, frame.names!).actors).toEqual(['1 lamp lamp -1 off 0 2 active']);
  });

  test('events that no state handles are counted, and those of XState are not', () => {
    const { run, recorder } = recordedStage();
    const actor = run(lamp);
    actor.send({ type: 'unknown' });
    actor.send({ type: 'unknown' });
    actor.stop();
    expect(open(recorder).next(10)).toMatchObject({ ignoredEvents: 2 });
  });

  test('ways are counted, each time that they are taken', () => {
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

  test('an actor that broke is over', () => {
    const { run, recorder, faults } = recordedStage();
    run(lamp).send({ type: 'break' });
    expect(open(recorder).next(10)!.actors![0]![8]).toBe('error');
    expect(faults).toEqual([]);
  });

  test('ids are escaped and cut', () => {
    const { run, recorder } = recordedStage();
    run(lamp, `evil\u202e${'x'.repeat(1_000)}`);
    const id = open(recorder).next(10)!.actors![0]![2];
    expect(id).toMatch(/^evil\\u\{202e\}x+…$/);
    expect(id.length).toBeLessThanOrEqual(96);
  });

  test('endings are told with the time, and counted by state', () => {
    const { recorder, clock } = recordedStage();
    clock.advance(7);
    recorder.tell(ending('rejected.tooManyPeers'));
    recorder.tell(ending('rejected.tooManyPeers'));
    const { endings, endingCounts: ended, names } = open(recorder).next(10)!;
    expect(endings).toMatchObject([{ at: 7, state: 'rejected.tooManyPeers' }, { at: 7 }]);
    expect(ended!.map(([state, count]) => [names![state], count])).toEqual([
      ['rejected.tooManyPeers', 2],
    ]);
  });
});

describe('memory', () => {
  const LIMITS = { actors: 50, ended: 20, endings: 10 };

  test('does not grow with actors that come and go', () => {
    const { run, recorder } = recordedStage(LIMITS);
    for (let lives = 0; lives < 1_000; lives += 1) {
      const actor = run(lamp);
      for (let flips = 0; flips < 20; flips += 1) actor.send({ type: 'flip' });
      actor.stop();
    }
    const { actors, bytes, gone, names, ways } = recorder.size;
    expect(actors).toBe(20);
    expect(bytes).toBeLessThanOrEqual(stepBytes(LIMITS.actors + LIMITS.ended));
    expect(gone).toBe(980);
    expect([names, ways]).toEqual([7, 2]);
  });

  test('does not grow with steps', () => {
    const { run, recorder } = recordedStage(LIMITS);
    const actor = run(lamp);
    for (let flips = 0; flips < 20_000; flips += 1) actor.send({ type: 'flip' });
    expect(recorder.size.bytes).toBe(stepBytes(1));
  });

  test('is reused: whoever comes after a forgotten one has its place', () => {
    const { run, recorder } = recordedStage({ ended: 1 });
    for (let lives = 0; lives < 3; lives += 1) run(lamp).stop();
    const before = recorder.size.bytes;
    run(lamp);
    expect(recorder.size.bytes).toBe(before);
    const viewer = open(recorder);
    viewer.focus([4]);
    expect(viewer.next(10)!.focusedSteps).toHaveLength(1);
  });

  test('has room for so many that live; others are counted, until somebody leaves', () => {
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
    for (let index = 0; index < 1_000; index += 1) recorder.tell(ending(`state ${index % 2}`));
    const { endings, endingCounts: ended } = open(recorder).next(10)!;
    expect([endings!.length, recorder.size.endings]).toEqual([10, 10]);
    expect(ended!.map(([, count]) => count)).toEqual([500, 500]);
  });

  test('is what the limits say that it is', () => {
    expect(stepBytes(1_000)).toBe((128 * 1_000 + 4_096) * 40);
  });
});
