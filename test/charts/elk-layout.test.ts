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

test('open ends of arrows are at the top and at the bottom', async () => {
  const boxes = [box('one'), box('two')];
  const arrows = [arrow('in', 'two'), arrow('one', 'out'), arrow('one', 'two')];
  const layout = await layOut({ id: 'part', boxes, arrows, initial: null }, [
    { id: 'in', at: 'top' },
    { id: 'out', at: 'bottom' },
  ]);
  const [into, out] = arrows.map((one) => layout.arrows.get(one)!.points);
  expect(into![0]![1]).toBeLessThan(layout.boxes.get('two')!.y);
  expect(out!.at(-1)![1]).toBeGreaterThanOrEqual(layout.boxes.get('two')!.y);
});
