import { expect, test } from 'vitest';

import { CHARTS } from '../../../../src/inspect/page/chart/charts.ts';
import { caretAt, markAt, stateOf } from '../../../../src/inspect/page/chart/row-shapes.ts';

const rowsOf = (machine: string, path: string) =>
  CHARTS.get(machine)!.picture.boxes.find((box) => box.path === path)!.rows;

test('a row stands for its own state, for its target, or for the common parent of its targets', () => {
  expect(stateOf('rejected', rowsOf('connection-setup', 'rejected')[0]!)).toBe(
    'rejected.serverStopped',
  );
  expect(stateOf('idle', rowsOf('server', 'idle')[0]!)).toBe('stopped');
  expect(stateOf('', rowsOf('connection-setup', '')[0]!)).toBe('rejected');
});

test('endings have a cross, jumps an arrow, delays nothing', () => {
  expect(markAt('outcome', 0, 10)).toBe(markAt('listed', 0, 10));
  expect(markAt('move', 0, 10)).toMatch(/^M0 10h8/);
  expect(markAt('waiting', 0, 10)).toBeNull();
});

test('the symbol of an open box differs from that of a folded one', () => {
  expect(caretAt(0, 10, true)).not.toBe(caretAt(0, 10, false));
});
