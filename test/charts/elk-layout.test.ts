import { expect, test } from 'vitest';

import { layOut } from '../../src/charts/elk-layout.ts';
import type { Sketch, SketchArrow, SketchBox } from '../../src/charts/sketch.ts';

const box = (path: string, rest: Partial<SketchBox> = {}): SketchBox => ({
  path,
  parent: null,
  title: path,
  kind: 'state',
  description: '',
  notes: [],
  rows: [],
  initial: null,
  ...rest,
});
const arrow = (from: string, to: string): SketchArrow => ({
  from,
  to,
  lines: [{ text: 'go', transitions: [] }],
});
const cycle: Sketch = {
  id: 'cycle',
  boxes: [box('one'), box('two'), box('three')],
  arrows: [arrow('three', 'one'), arrow('one', 'two'), arrow('two', 'three')],
  initial: 'one',
};

test('a cycle runs down in the order of declaration, and its last arrow leads back up', async () => {
  const { boxes, arrows, starts } = await layOut(cycle);
  const tops = ['one', 'two', 'three'].map((path) => boxes.get(path)!.y);
  expect(tops).toEqual([...tops].sort((a, b) => a - b));
  const { points } = arrows.get(cycle.arrows[0]!)!;
  expect(points[0]![1]).toBeCloseTo(boxes.get('three')!.y);
  expect(points.at(-1)![1]).toBeCloseTo(boxes.get('one')!.y + boxes.get('one')!.height);
  expect(starts.get('one')!.dot[1]).toBeLessThan(tops[0]!);
});

test('a box is at least as wide as its own texts', async () => {
  const title = 'aVeryLongTitleOfABoxWithOneSmallBoxInsideOfIt';
  const sketch = {
    ...cycle,
    boxes: [
      box('outer', { title, initial: 'outer.x' }),
      box('outer.x', { parent: 'outer', title: 'x' }),
    ],
    arrows: [],
    initial: 'outer',
  };
  const { boxes } = await layOut(sketch);
  expect(boxes.get('outer')!.width).toBeGreaterThan(300);
});
