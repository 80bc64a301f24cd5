/** The log of events for spreadsheets. */
import { expect, test } from 'vitest';
import type { ActorStep } from '../../../../src/inspect/page/model/entities.ts';
import { csvOf } from '../../../../src/inspect/page/recording/export-csv.ts';
import { recordedStore } from '../../../support/recorded-store.ts';

const time = (t: number): string => `T${t}`;

const step = (more: Partial<ActorStep>): ActorStep => ({
  sequence: 0,
  actor: 3,
  at: 110,
  event: 'go',
  state: 'there',
  transitions: [],
  ...more,
});

test('each step is a line after the column names', async () => {
  const store = await recordedStore();
  const way = { machine: 'm', source: 'a', event: 'go', target: 'b', total: 1 };
  const text = csvOf(
    store,
    [step({ at: 110.25, transitions: [way, { ...way, target: '' }] })],
    time,
  );
  expect(text).toBe(
    'ms,time,actor,machine,remote,event,state,transitions\r\n' +
      '110.3,T110.25,connection-setup:1,connection-setup,10.0.0.1:4000,go,there,a go b; a go\r\n',
  );
});

test('a forgotten actor has no name', async () => {
  const store = await recordedStore();
  expect(csvOf(store, [step({ actor: 99 })], time).split('\r\n')[1]).toBe(
    '110.0,T110,,,,go,there,',
  );
});

test.for([
  ['a,b', '"a,b"'],
  ['say "a"', '"say ""a"""'],
  ['a\nb', '"a\nb"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@x', "'@x"],
  ['=A,B', `"'=A,B"`],
  ['a=b', 'a=b'],
] as const)('%s is written as %s', async ([event, cell]) => {
  const store = await recordedStore();
  const text = csvOf(store, [step({ event })], time);
  expect(text).toContain(`10.0.0.1:4000,${cell},there`);
});
