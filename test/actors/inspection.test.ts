import { describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, type InspectionEvent } from 'xstate';

import { Inspection, inspectOf, type Watcher } from '../../src/actors/inspection.ts';
import { house, lamp, stage } from '../support/inspected-actors.ts';

function watcher(): Watcher & { readonly heard: string[] } {
  const heard: string[] = [];
  const idOf = (ref: unknown): string => (ref as AnyActorRef).id;
  return {
    heard,
    onEvent: ({ type, actorRef }: InspectionEvent) => heard.push(`${type} ${idOf(actorRef)}`),
    onFound: (actor, parent) => heard.push(`adopt ${actor.id} of ${parent?.id ?? 'no parent'}`),
    onRootEnded: (root) => heard.push(`leave ${root.id}`),
  };
}

describe('without a watcher', () => {
  test('an actor is made without any reports, so they cost nothing', () => {
    const given: unknown[] = [];
    const inspection = new Inspection(() => {});
    inspection.createRoot((inspect) => {
      given.push(inspect);
      return createActor(lamp);
    });
    expect(given).toEqual([undefined]);
  });

  test('nothing is reported', () => {
    const { inspection, run } = stage();
    const first = watcher();
    inspection.watch(first)();
    run(lamp).send({ type: 'flip' });
    expect(first.heard).toEqual([]);
  });
});

describe('a watcher', () => {
  test('gets actors that are created after it', () => {
    const { inspection, run } = stage();
    const first = watcher();
    inspection.watch(first);
    run(lamp).send({ type: 'flip' });
    expect(first.heard).toContain('@xstate.microstep lamp');
  });

  test('gets the existing actors, parents first, and their events from then on', () => {
    const { inspection, run } = stage();
    const home = run(house);
    home.send({ type: 'dusk' });
    const first = watcher();
    inspection.watch(first);
    expect(first.heard).toEqual(['adopt house of no parent', 'adopt lamp of house']);
    home.send({ type: 'dawn' });
    expect(first.heard).toContain('@xstate.snapshot house');
  });

  test('gets a root that was created elsewhere, until it is hidden again', () => {
    const { inspection } = stage();
    const home = createActor(house, { id: 'house' }).start();
    home.send({ type: 'dusk' });
    const [early, late] = [watcher(), watcher()];
    inspection.watch(early);
    const hide = inspection.adopt(home);
    inspection.watch(late);
    const found = ['adopt house of no parent', 'adopt lamp of house'];
    for (const { heard } of [early, late]) expect(heard).toEqual(found);
    home.send({ type: 'dawn' });
    expect(early.heard).toContain('@xstate.snapshot house');
    hide();
    expect(early.heard.at(-1)).toBe('leave house');
    const { length } = early.heard;
    home.send({ type: 'dusk' });
    const last = watcher();
    inspection.watch(last);
    expect([early.heard.length, last.heard]).toEqual([length, []]);
    home.stop();
  });

  test('does not get roots that have ended', () => {
    const { inspection, run } = stage();
    run(lamp).stop();
    const first = watcher();
    inspection.watch(first);
    expect(first.heard).toEqual([]);
  });

  test('is told of the end of every root, also of one that failed', () => {
    const { inspection, run } = stage();
    const first = watcher();
    inspection.watch(first);
    run(lamp, 'one').stop();
    run(lamp, 'two').send({ type: 'break' });
    expect(first.heard.filter((word) => word.startsWith('leave'))).toEqual([
      'leave one',
      'leave two',
    ]);
  });

  test('gets each report once, however many roots existed before', () => {
    const { inspection, run } = stage();
    const actor = run(lamp);
    const [first, second] = [watcher(), watcher()];
    inspection.watch(first);
    inspection.watch(second);
    first.heard.length = 0;
    second.heard.length = 0;
    actor.send({ type: 'flip' });
    const steps = (heard: string[]) => heard.filter((word) => word === '@xstate.microstep lamp');
    expect([steps(first.heard), steps(second.heard)]).toEqual([
      ['@xstate.microstep lamp'],
      ['@xstate.microstep lamp'],
    ]);
  });

  test('gets nothing after it was removed', () => {
    const { inspection, run } = stage();
    const first = watcher();
    const stop = inspection.watch(first);
    const actor = run(lamp);
    stop();
    first.heard.length = 0;
    actor.send({ type: 'flip' });
    actor.stop();
    expect(first.heard).toEqual([]);
  });
});

describe('a watcher that throws', () => {
  const blind = (): never => {
    throw new Error('blind');
  };
  const quiet = { onEvent: () => {}, onFound: () => {}, onRootEnded: () => {} };

  test.for(['onEvent', 'onFound', 'onRootEnded'] as const)(
    'in %s is reported once, heard no more, and never reaches the actor',
    (which) => {
      const { inspection, faults, run } = stage();
      const before = run(lamp);
      inspection.watch({ ...quiet, [which]: blind });
      const actor = run(lamp);
      actor.send({ type: 'flip' });
      actor.send({ type: 'flip' });
      actor.send({ type: 'flip' });
      expect(actor.getSnapshot().value).toBe('on');
      actor.stop();
      before.stop();
      expect(faults).toMatchObject([{ message: 'blind' }]);
    },
  );

  test('does not keep other watchers from getting events', () => {
    const { inspection, run } = stage();
    const first = watcher();
    inspection.watch({ ...quiet, onEvent: blind });
    inspection.watch(first);
    run(lamp);
    expect(first.heard).toContain('@xstate.actor lamp');
  });
});

describe('the inspect option', () => {
  const event = { type: '@xstate.event' } as InspectionEvent;

  test('may be a function, an observer that uses this, or an observer that wants no events', () => {
    const seen: unknown[] = [];
    const observer = {
      list: seen,
      next(one: InspectionEvent) {
        this.list.push(one);
      },
    };
    inspectOf((one) => seen.push(one))?.(event);
    inspectOf(observer)?.(event);
    expect(seen).toEqual([event, event]);
    expect(inspectOf({})).toBeUndefined();
    expect(inspectOf(undefined)).toBeUndefined();
  });
});
