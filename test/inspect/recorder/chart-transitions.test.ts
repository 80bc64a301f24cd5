import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, StateMachine } from 'xstate';
import { Lifecycle } from '../../../src/actors/lifecycle.ts';
import { chartModel } from '../../../src/charts/chart-model.ts';
import type { Picture } from '../../../src/charts/picture.ts';
import * as machines from '../../../src/exports/machines.ts';
import {
  ChartTransitions,
  type Transition,
} from '../../../src/inspect/recorder/chart-transitions.ts';
import { house, lamp, stage } from '../../support/inspected-actors.ts';

const charts = Object.values(machines)
  .filter((machine) => machine instanceof StateMachine)
  .map((machine): [string, AnyStateMachine] => [machine.id, machine]);

const pictureOf = (id: string): Picture =>
  JSON.parse(
    readFileSync(new URL(`../../../docs/statecharts/${id}.json`, import.meta.url), 'utf8'),
  );

const linesOf = ({ boxes, arrows }: Picture) =>
  [...arrows, ...boxes.flatMap(({ rows }) => rows)].flatMap(({ lines }) => lines);

const keyOf = ({ source, event, target }: Omit<Transition, 'machine'>): string =>
  `${source} | ${event} | ${target}`;

describe('the drawn chart of', () => {
  test.for(charts)('%s has a line for every transition that changes the state', ([id, machine]) => {
    const drawn = new Set(
      linesOf(pictureOf(id)).flatMap(({ transitions }) => transitions.map(keyOf)),
    );
    const moves = new ChartTransitions(machine).all.filter(({ target }) => target !== '');
    expect(moves.length).toBeGreaterThan(1);
    expect(moves.map(keyOf).filter((key) => !drawn.has(key))).toEqual([]);
  });

  test.for(charts)('%s has no line without a transition', ([id, machine]) => {
    const known = new Set(new ChartTransitions(machine).all.map(keyOf));
    const drawn = linesOf(pictureOf(id)).flatMap(({ transitions }) => transitions.map(keyOf));
    expect(drawn.filter((key) => !known.has(key))).toEqual([]);
  });

  test.for(charts)('%s has a box or a row for every state it can be in', ([id, machine]) => {
    const picture = pictureOf(id);
    const boxes = new Map(picture.boxes.map((box) => [box.path, box]));
    const targets = linesOf(picture).flatMap(({ transitions }) =>
      transitions.map(({ target }) => target),
    );
    const isShown = (path: string, parent: string, key: string): boolean =>
      boxes.has(path) ||
      targets.includes(path) ||
      (boxes.get(parent)?.rows ?? []).some(({ texts }) => texts[0]?.text === key);
    const states = chartModel(machine).states.filter(({ children }) => children.length === 0);
    const hidden = states.filter(({ path, parent, key }) => !isShown(path, parent!, key));
    expect(hidden.map(({ path }) => path)).toEqual([]);
  });
});

/** What is said of each step of an actor. */
function told(machine: typeof lamp | typeof house) {
  const ways = new ChartTransitions(machine);
  const steps: string[][] = [];
  const at = stage();
  at.inspection.watch(
    new Lifecycle({
      started: () => {},
      found: () => {},
      ended: () => {},
      stepped: (actor, { taken }) => {
        if (actor.machine === machine) steps.push(ways.of(taken).map(keyOf));
      },
    }),
  );
  return { ...at, ways, steps };
}

describe('the transitions of a step', () => {
  test('are machine, source, event and target', () => {
    const { run, ways, steps } = told(lamp);
    run(lamp).send({ type: 'flip' });
    expect(steps.at(-1)).toEqual(['off | flip | on']);
    expect(ways.all).toContainEqual({
      machine: 'lamp',
      source: 'off',
      event: 'flip',
      target: 'on',
    });
  });

  test('name delays and immediate transitions as the chart does', () => {
    const at = told(lamp);
    at.run(lamp).send({ type: 'flip' });
    at.clock.advance(1_000);
    expect(at.steps.at(-1)).toEqual(['on | after patience | off']);
    const home = told(house);
    home.run(house).send({ type: 'dusk' });
    expect(home.steps.at(-1)).toEqual(['day | dusk | night', 'night.dark | always | night.lit']);
  });

  test('that raise an event have the target of that event', () => {
    const { run, steps } = told(lamp);
    run(lamp).send({ type: 'blink' });
    expect(steps.at(-1)).toEqual(['off | blink | on', 'off | flip | on']);
  });

  test('stay in the state when no state takes the raised event', () => {
    const ways = new ChartTransitions(lamp);
    const [, blink] = lamp.states['off']!.transitions.values();
    expect(ways.of([blink![0] as never]).map(keyOf)).toEqual(['off | blink | ']);
    const ignored = { eventType: 'flip', target: undefined };
    expect(ways.of([blink![0], ignored] as never).map(keyOf)).toEqual(['off | blink | ']);
  });

  test('of another machine are none', () => {
    const [first] = house.states['day']!.transitions.values();
    expect(new ChartTransitions(lamp).of([first![0] as never])).toEqual([]);
  });

  test('are the same objects each time', () => {
    const ways = new ChartTransitions(lamp);
    const [flip] = lamp.states['off']!.transitions.values();
    expect(ways.of([flip![0] as never])[0]).toBe(ways.of([flip![0] as never])[0]);
  });
});
