import { describe, expect, test } from 'vitest';

import { chartModel } from '../../src/charts/chart-model.ts';
import {
  actorTable,
  decisionTable,
  delayTable,
  endingTable,
  eventTable,
  stateTable,
} from '../../src/charts/chart-tables.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { DIAL_FAILURES } from '../../src/machines/dialing/dial-failures.ts';
import { dialTaskMachine } from '../../src/machines/dialing/dial-task.ts';
import { sampleMachine, twinMachine } from './sample.ts';

const sample = chartModel(sampleMachine);
const rows = (blocks: readonly string[]) => blocks.join('\n').split('\n').slice(3);

describe('tables', () => {
  test('the states table has the awaited events and the time limit of each state', () => {
    expect(rows(stateTable(sample)).slice(0, 5)).toEqual([
      '| `end` | Waits \\| looks. | `go` | `patience`, 1500 ms; `pause`, 250 ms; `whim`, computed |',
      '| `busy` | 2 parallel regions. | `again`, `restart`, `busy` is done | no limit |',
      '| `busy.left` | – | – | no limit |',
      '| `busy.left.on` | – | `swap` | no limit |',
      '| `busy.left.off` | Final state of its region. | – | – |',
    ]);
  });

  test('the time limit of a state applies to its children', () => {
    expect(stateTable(chartModel(connectionSetupMachine)).join('\n')).toContain(
      '`ack.received` | `encHandshakeTimeout`, 5000 ms (of `encHandshake`) |',
    );
  });

  test('the endings table has the transitions that lead to each', () => {
    expect(rows(endingTable(sample))).toEqual([
      '| `over` | The end. | `end`: after `whim`<br>`busy`: `busy` is done<br>`rejected`: after `patience` |',
    ]);
  });

  test('every dial failure is an ending with its sentence and its remedy', () => {
    const text = endingTable(chartModel(dialTaskMachine)).join('\n');
    for (const [failure, { sentence, remedy }] of Object.entries(DIAL_FAILURES))
      expect(text).toContain(`| \`${failure}\` | ${sentence} | ${remedy} |`);
  });

  test('the events table has the handling states and the effects', () => {
    expect(rows(eventTable(sample))).toEqual([
      '| `go` | `end` | if `isReady`: → `busy`<br>otherwise: runs `note` |',
      '| `never` | `end` | ignored |',
      '| `again` | `busy` | → `busy.left.on` |',
      '| `restart` | `busy` | → `busy` |',
      '| `busy` is done | `busy` | → `over` |',
      '| `swap` | `busy.left.on` | → `busy.left.off` |',
      '| `a;b:c` | `busy.right.class` | → `busy` |',
      "| `reject.…` (2 events) | any state | the reason with the event's name: → `rejected` |",
      '| `stop` | any state | raises an event that `decide` chooses |',
      '| `halt` | any state | raises `stop` |',
      '| an actor is done | any state | runs `note` |',
      '| `link` fails | any state | `reject.late` → `rejected.late` |',
    ]);
  });

  test('there are tables of immediate transitions, delays and actors', () => {
    expect(rows(decisionTable(sample))).toEqual([
      '| `end` | if `isReady`: → `busy`<br>if `has a:b;"c"#{}`: → `busy.left.on` |',
    ]);
    expect(rows(delayTable(sample))).toEqual([
      '| `patience` | 1500 ms | – | `end` | `reject.late` → `rejected.late` |',
      '| `patience` | 1500 ms | – | `rejected` | → `over` |',
      '| `pause` | 250 ms | – | `end` | → `busy` |',
      '| `whim` | computed | – | `end` | → `over` |',
    ]);
    expect(rows(actorTable(sample))).toEqual([
      '| `link` | An adapter. | any state |',
      '| `child` | The machine [child](child.md). | `end` |',
    ]);
  });

  test('a table without rows is left out', () => {
    const twin = chartModel(twinMachine);
    expect([delayTable(twin), actorTable(twin), endingTable(twin)]).toEqual([[], [], []]);
  });
});
