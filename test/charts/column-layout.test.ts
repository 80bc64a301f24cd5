import { describe, expect, test } from 'vitest';

import { layOutOnPage, MAX_WIDTH } from '../../src/charts/column-layout.ts';
import type { Sketch, SketchBox } from '../../src/charts/sketch.ts';

const line = (text: string) => ({ text, transitions: [] });

/** A chain of states with ten outcomes each, and an arrow from the last to the first. */
function chain(count: number): Sketch {
  const names = Array.from({ length: count }, (_, index) => `state${index}`);
  const boxes = names.map(
    (path): SketchBox => ({
      path,
      parent: null,
      title: path,
      kind: 'state',
      description: '',
      notes: [],
      rows: Array.from({ length: 10 }, (_, index) => ({
        kind: 'outcome',
        title: `outcome${index}`,
        lines: [line('reject')],
      })),
      initial: null,
    }),
  );
  const arrows = names.map((from, index) => ({
    from,
    to: names[(index + 1) % count]!,
    lines: [line('go')],
  }));
  return { id: 'chain', boxes, arrows, initial: names[0]! };
}

const columnsOf = (layout: Awaited<ReturnType<typeof layOutOnPage>>): number =>
  new Set([...layout.boxes.values()].map(({ x }) => Math.round(x / 100))).size;

describe('a page', () => {
  test('has one column while that fits', async () => {
    expect(columnsOf(await layOutOnPage(chain(2)))).toBe(1);
  });

  test('has several columns where one would be too high', async () => {
    const layout = await layOutOnPage(chain(8));
    expect(columnsOf(layout)).toBeGreaterThan(2);
    expect(layout.width).toBeLessThanOrEqual(MAX_WIDTH);
    expect(layout.height).toBeLessThan(1000);
  });

  test('joins the columns: each arrow connects its two boxes and has its label', async () => {
    const sketch = chain(8);
    const { arrows, boxes } = await layOutOnPage(sketch);
    for (const arrow of sketch.arrows) {
      const { points, label } = arrows.get(arrow)!;
      const [from, to] = [boxes.get(arrow.from)!, boxes.get(arrow.to)!];
      expect([from.y, from.y + from.height].some((y) => Math.abs(y - points[0]![1]) < 1)).toBe(
        true,
      );
      expect([to.y, to.y + to.height].some((y) => Math.abs(y - points.at(-1)![1]) < 1)).toBe(true);
      expect(label).not.toBeNull();
    }
  });
});
