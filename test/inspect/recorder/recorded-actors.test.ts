import { expect, test } from 'vitest';
import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';

import { ChartNumbers } from '../../../src/inspect/recorder/chart-numbers.ts';
import { Dictionary } from '../../../src/inspect/recorder/dictionary.ts';
import { type ActorLimits, RecordedActors } from '../../../src/inspect/recorder/recorded-actors.ts';
import { TransitionTable } from '../../../src/inspect/recorder/transition-table.ts';
import { lamp } from '../../support/inspected-actors.ts';

const names = new Dictionary();
const chart = new ChartNumbers(lamp, names, new TransitionTable(names));
const snapshot = { context: {} } as unknown as AnyMachineSnapshot;

function recorded(limits: Partial<ActorLimits> = {}) {
  const actors = new RecordedActors({ actors: 10, ended: 10, ...limits });
  const start = (number: number) => {
    const ref = null as unknown as AnyActorRef;
    actors.start({ number, id: `lamp:${number}`, machine: lamp, parent: null, ref }, chart, 0);
    const actor = actors.get(number);
    if (actor) actors.move(actor, 0, 1, snapshot);
    return actor;
  };
  return { actors, start };
}

test('the start of the recorder is a change, so that 0 means never', () => {
  expect(recorded().actors.change).toBe(1);
});

test('an actor without a state is no change yet', () => {
  const { actors } = recorded();
  const ref = null as unknown as AnyActorRef;
  actors.start({ number: 1, id: 'lamp', machine: lamp, parent: null, ref }, chart, 0);
  expect(actors.changesSince(0).actors).toEqual([]);
});

test('the oldest ended actor is forgotten, and viewers that have seen it are told', () => {
  const { actors, start } = recorded({ ended: 1 });
  const [one, two] = [start(1)!, start(2)!];
  const seen = actors.change;
  actors.end(one, 5, 'done');
  actors.end(two, 6, 'stopped');
  expect(actors.get(1)).toBeUndefined();
  expect(actors.changesSince(seen)).toMatchObject({
    forgotten: [1],
    actorsEnded: [[2, 6, 'stopped']],
  });
  expect(actors.changesSince(1).forgotten).toEqual([]);
  expect(actors.changesSince(actors.change).forgotten).toEqual([]);
});

test('ended actors do not take the room of running ones', () => {
  const { actors, start } = recorded({ actors: 1 });
  for (let number = 1; number <= 5; number += 1) actors.end(start(number)!, 0, 'done');
  start(6);
  expect([start(7), actors.unrecorded, actors.size.actors]).toEqual([undefined, 1, 6]);
});

test('forgotten actors are remembered up to a limit, and changes reach back as far as they do', () => {
  const { actors, start } = recorded({ ended: 0 });
  const early = actors.change;
  for (let number = 1; number <= 4_096; number += 1) actors.end(start(number)!, 0, 'done');
  expect([actors.size.forgotten, actors.reachesBackTo(early)]).toEqual([4_096, true]);
  actors.end(start(4_097)!, 0, 'done');
  expect([actors.size.forgotten, actors.reachesBackTo(early)]).toEqual([2_049, false]);
  expect(actors.reachesBackTo(actors.change)).toBe(true);
});

test('an actor that gets the memory of a forgotten one has none of its steps', () => {
  const { actors, start } = recorded({ ended: 1 });
  const [one, two] = [start(1)!, start(2)!];
  one.steps.write(1, 1, 0, 1, 1, []);
  for (const actor of [one, two]) actors.end(actor, 0, 'done');
  const three = start(3)!;
  expect([three.steps === one.steps, three.steps.after(0)]).toEqual([true, []]);
});
