import { describe, expect, test } from 'vitest';

import type { Views } from '../../../src/inspect/protocol.ts';
import { ABOUT, house, lamp, recordedStage } from '../../support/inspected-actors.ts';

const OPEN = { actions: false };
const flip = { type: 'flip' } as const;

describe('the first frame', () => {
  test('says which node it shows and what the viewer may do', () => {
    const { recorder } = recordedStage();
    expect(recorder.open({ actions: true }).next(5)).toEqual({
      t: 0,
      hz: 5,
      about: { ...ABOUT, protocol: 4, actions: true },
      names: ['…'],
    });
  });

  test('has everything, for a late viewer too', () => {
    const { recorder, run } = recordedStage();
    const early = recorder.open(OPEN);
    early.next(10);
    run(lamp).send(flip);
    run(lamp).stop();
    early.next(10);
    const {
      actors,
      actorsEnded: over,
      moved,
      names,
      transitionCounts: taken,
    } = recorder.open(OPEN).next(10)!;
    expect(actors!.map(([number, , , , , , , , status]) => [number, status])).toEqual([
      [1, 'active'],
      [2, 'stopped'],
    ]);
    expect([over, moved]).toEqual([undefined, undefined]);
    expect(names!.length).toBe(recorder.size.names);
    expect(taken).toEqual([[0, 1]]);
  });
});

describe('each later frame', () => {
  test('is null when nothing happened', () => {
    const { recorder, run } = recordedStage();
    run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    expect(viewer.next(10)).toBeNull();
  });

  test('has only what changed', () => {
    const { recorder, run, clock } = recordedStage();
    const [one] = [run(lamp), run(lamp)];
    const viewer = recorder.open(OPEN);
    const { names } = viewer.next(10)!;
    clock.advance(20);
    one!.send(flip);
    expect(viewer.next(10)).toEqual({
      t: 20,
      hz: 10,
      moved: [[1, names!.length + 1, 20, 2]],
      names: ['flip', 'on'],
      transitions: [[1, 3, names!.length, names!.length + 1]],
      transitionCounts: [[0, 1]],
      log: [[3, 1, 20, names!.length, names!.length + 1, 0]],
      logTotal: 1,
    });
  });

  test('has new actors, parents before children', () => {
    const { recorder, run } = recordedStage();
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    run(house).send({ type: 'dusk' });
    expect(viewer.next(10)!.actors!.map(([number, , , parent]) => [number, parent])).toEqual([
      [1, -1],
      [2, 1],
    ]);
  });

  test('has actors that ended and actors that were forgotten', () => {
    const { recorder, run, clock } = recordedStage({ ended: 1 });
    const actor = run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    clock.advance(30);
    actor.stop();
    expect(viewer.next(10)!.actorsEnded).toEqual([[1, 30, 'stopped']]);
    run(lamp).stop();
    expect(viewer.next(10)!.forgotten).toEqual([1]);
  });

  test('leaves out actors that were forgotten before they were sent', () => {
    const { recorder, run } = recordedStage({ ended: 0 });
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    run(lamp).stop();
    const { actors, forgotten: gone } = viewer.next(10)!;
    expect([actors, gone]).toEqual([undefined, undefined]);
  });

  test('has an even sample of many steps, and their total', () => {
    const { recorder, run } = recordedStage();
    const actor = run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    for (let flips = 0; flips < 400; flips += 1) actor.send(flip);
    const { log, logTotal: logOf } = viewer.next(10)!;
    const sequences = log!.map(([sequence]) => sequence);
    expect([log!.length, logOf, sequences[0], sequences[39]]).toEqual([40, 400, 11, 401]);
  });

  test('lists the latest of many endings and counts all', () => {
    const { recorder } = recordedStage();
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    for (let index = 0; index < 300; index += 1)
      recorder.addEnding({ state: 'refused', ms: index } as Parameters<
        typeof recorder.addEnding
      >[0]);
    const { endings, endingCounts: ended } = viewer.next(10)!;
    expect([endings!.length, endings!.at(-1)!.ms, ended![0]![1]]).toEqual([50, 299, 300]);
    expect(viewer.next(10)).toBeNull();
  });
});

describe('actors in focus', () => {
  test('are sent with all kept steps first, and with each new step after that', () => {
    const { recorder, run } = recordedStage();
    const actor = run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    for (let flips = 0; flips < 60; flips += 1) actor.send(flip);
    viewer.focus([1]);
    expect(viewer.next(10)!.focusedSteps).toHaveLength(61);
    actor.send(flip);
    expect(viewer.next(10)!.focusedSteps!.map(([sequence]) => sequence)).toEqual([62]);
  });

  test('are not sent again when another one is added', () => {
    const { recorder, run } = recordedStage();
    run(lamp);
    run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.focus([1]);
    viewer.next(10);
    viewer.focus([1, 2]);
    expect(viewer.next(10)!.focusedSteps!.map(([, actor]) => actor)).toEqual([2]);
  });

  test('are at most four', () => {
    const { recorder, run } = recordedStage();
    for (let lamps = 0; lamps < 6; lamps += 1) run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.focus([1, 2, 3, 4, 5, 6]);
    expect(viewer.next(10)!.focusedSteps!.map(([, actor]) => actor)).toEqual([1, 2, 3, 4]);
  });

  test('that are unknown have no steps', () => {
    const { recorder } = recordedStage();
    const viewer = recorder.open(OPEN);
    viewer.focus([99, -1, Number.NaN]);
    expect(viewer.next(10)!.focusedSteps).toBeUndefined();
  });
});

describe('a slow viewer', () => {
  test('gets the latest state when it asks again, and nothing was queued for it', () => {
    const { recorder, run } = recordedStage();
    const actor = run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.next(10);
    for (let flips = 0; flips < 10_001; flips += 1) actor.send(flip);
    const { moved, log, logTotal: logOf, transitionCounts: taken } = viewer.next(10)!;
    expect(moved!.map(([number, , , steps]) => [number, steps])).toEqual([[1, 10_002]]);
    expect([log!.length, logOf, taken]).toEqual([
      40,
      10_001,
      [
        [0, 5_001],
        [1, 5_000],
      ],
    ]);
  });

  test('starts again with a first frame after it missed too many forgotten actors', () => {
    const { recorder, run } = recordedStage({ ended: 10 });
    const old = run(lamp);
    const viewer = recorder.open(OPEN);
    viewer.focus([1]);
    viewer.next(10);
    for (let lives = 0; lives < 4_200; lives += 1) run(lamp).stop();
    const { about, actors, forgotten: gone, focusedSteps: life } = viewer.next(10)!;
    expect([about?.protocol, actors!.length, gone, life!.length]).toEqual([4, 11, undefined, 1]);
    old.send(flip);
    expect(viewer.next(10)!.about).toBeUndefined();
  });

  test('gets nothing after it is closed', () => {
    const { recorder, run } = recordedStage();
    const viewer = recorder.open(OPEN);
    viewer.close();
    run(lamp);
    expect(viewer.next(10)).toBeNull();
  });
});

describe('tables', () => {
  const views = (state: string) => ({ server: { state } }) as Views;

  test('are read at most once a second for all viewers together', () => {
    const { recorder, clock } = recordedStage();
    const made: Views[] = [];
    recorder.setViews(() => {
      made.push(views(`${made.length + 1}`));
      return made.at(-1)!;
    });
    const [one, two] = [recorder.open(OPEN), recorder.open(OPEN)];
    expect([one.next(10)!.views, two.next(10)!.views]).toEqual([views('1'), views('1')]);
    clock.advance(999);
    expect(one.next(10)).toBeNull();
    clock.advance(1);
    expect([one.next(10)!.views, two.next(10)!.views]).toEqual([views('2'), views('2')]);
    expect(made).toHaveLength(2);
  });

  test('are not read while there is no viewer', () => {
    const { recorder, clock } = recordedStage();
    const made: Views[] = [];
    recorder.setViews(() => {
      made.push(views(`${made.length + 1}`));
      return made.at(-1)!;
    });
    clock.advance(10_000);
    expect(made).toEqual([]);
  });
});
