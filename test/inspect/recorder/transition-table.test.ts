import { expect, test } from 'vitest';

import { Dictionary } from '../../../src/inspect/recorder/dictionary.ts';
import { TransitionTable } from '../../../src/inspect/recorder/transition-table.ts';

const way = { machine: 'lamp', source: 'off', event: 'flip', target: 'on' };

test('equal ways have one number, whichever variant of a machine they are of', () => {
  const table = new TransitionTable(new Dictionary());
  const numbers = [way, { ...way, target: 'off' }, { ...way }].map((one) => table.numberOf(one));
  expect(numbers).toEqual([0, 1, 0]);
  expect(table.size).toBe(2);
});

test('entries are written in names', () => {
  const names = new Dictionary();
  const table = new TransitionTable(names);
  table.numberOf(way);
  table.numberOf({ ...way, event: 'blink' });
  const read = table.from(1).map((entry) => entry.map((name) => names.from(name)[0]));
  expect(read).toEqual([['lamp', 'off', 'blink', 'on']]);
});

test('a part that looks like the joint of two is no joint', () => {
  const table = new TransitionTable(new Dictionary());
  const odd = table.numberOf({ ...way, source: 'off","flip', event: '' });
  expect(odd).not.toBe(table.numberOf({ ...way, source: 'off', event: 'flip","' }));
});

test('there are no more transitions than numbers of 16 bits, and known ones stay', () => {
  const table = new TransitionTable(new Dictionary());
  for (let event = 0; event < 65_535; event += 1) table.numberOf({ ...way, event: `${event}` });
  const numbers = ['0', '65534', 'one more'].map((event) => table.numberOf({ ...way, event }));
  expect([numbers, table.size]).toEqual([[0, 65_534, null], 65_535]);
});
