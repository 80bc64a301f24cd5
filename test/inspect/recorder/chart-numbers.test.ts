import { expect, test } from 'vitest';
import type { TakenTransitions } from '../../../src/actors/lifecycle.ts';
import { ChartNumbers } from '../../../src/inspect/recorder/chart-numbers.ts';
import { Dictionary } from '../../../src/inspect/recorder/dictionary.ts';
import { TransitionTable } from '../../../src/inspect/recorder/transition-table.ts';
import { lamp } from '../../support/inspected-actors.ts';

function numbered() {
  const names = new Dictionary();
  const table = new TransitionTable(names);
  const chart = new ChartNumbers(lamp, names, table);
  return { names, table, chart, nameOf: (number: number) => names.from(number)[0] };
}

const definition = (state: 'off' | 'on', event: string): TakenTransitions[number] =>
  lamp.states[state]!.transitions.get(event)![0] as never;
const after = 'xstate.after.patience.lamp.on';

test('a machine and its states have numbers', () => {
  const { chart, nameOf } = numbered();
  expect([nameOf(chart.name), nameOf(chart.stateOf('off'))]).toEqual(['lamp', 'off']);
});

test('an event has its own name, or that of the chart where XState generates one', () => {
  const { chart, nameOf } = numbered();
  const timer = [definition('on', after)];
  expect([
    nameOf(chart.eventOf({ type: 'flip' }, [definition('off', 'flip')])),
    nameOf(chart.eventOf({ type: after }, timer)),
    nameOf(chart.eventOf({ type: 'xstate.init' }, [])),
  ]).toEqual(['flip', 'after patience', 'xstate.init']);
});

test('a step of one transition gives the same list each time', () => {
  const { chart, table } = numbered();
  const flip = definition('off', 'flip');
  expect(chart.transitionsOf([flip])).toEqual([0]);
  expect(chart.transitionsOf([flip])).toBe(chart.transitionsOf([flip]));
  expect(chart.transitionsOf([flip, definition('on', 'flip')])).toEqual([0, 1]);
  expect(chart.transitionsOf([])).toEqual([]);
  expect(table.size).toBe(2);
});
