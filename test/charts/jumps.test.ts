import { expect, test } from 'vitest';

import { nameFrom, withJumps } from '../../src/charts/jumps.ts';
import type { Row, Sketch, SketchArrow } from '../../src/charts/sketch.ts';

const line = { text: 'go', transitions: [{ source: 'a.x', event: 'go', target: 'b.y' }] };
const arrow: SketchArrow = { from: 'a.x', to: 'b.y', lines: [line] };
const other: SketchArrow = { from: 'a.x', to: 'a', lines: [line] };
const row = (kind: Row['kind'], title: string): Row => ({ kind, title, lines: [] });
const sketch: Sketch = {
  id: 'sample',
  boxes: [
    {
      path: 'a.x',
      parent: null,
      title: 'x',
      kind: 'state',
      description: '',
      notes: [],
      rows: [row('move', 'inner'), row('outcome', 'late')],
      initial: null,
    },
  ],
  arrows: [arrow, other],
  initial: null,
};

test('a jump is a row of the box it leaves, after its other moves and before its outcomes', () => {
  const { boxes, arrows } = withJumps(sketch, new Set([arrow]));
  expect(arrows).toEqual([other]);
  expect(boxes[0]!.rows).toEqual([
    row('move', 'inner'),
    { kind: 'move', title: 'b.y', lines: [line] },
    row('outcome', 'late'),
  ]);
});

test('without jumps the sketch stays as it is', () => {
  expect(withJumps(sketch, new Set())).toBe(sketch);
});

test('a jump names its target without the parents that both states have', () => {
  expect(nameFrom('active.phase.starting.localNode', 'active.phase.rollingBack.localNode')).toBe(
    'rollingBack.localNode',
  );
  expect(nameFrom('active.phase.rollingBack', 'idle')).toBe('idle');
  expect(nameFrom('open.binding', 'open.accepting')).toBe('accepting');
});
