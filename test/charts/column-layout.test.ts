import { describe, expect, test } from 'vitest';

import { type Drawn, layOutOnPage, MAX_ARROW, MAX_WIDTH } from '../../src/charts/column-layout.ts';
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

const columnsOf = ({ layout }: Drawn): number =>
  new Set([...layout.boxes.values()].map(({ x }) => Math.round(x / 100))).size;

const jumpsIn = ({ sketch }: Drawn): readonly string[] =>
  sketch.boxes.flatMap(({ path, rows }) =>
    rows.flatMap(({ kind, title }) => (kind === 'move' ? [`${path} → ${title}`] : [])),
  );

describe('a page', () => {
  test('has one column while that fits', async () => {
    expect(columnsOf(await layOutOnPage(chain(2)))).toBe(1);
  });

  test('has several columns where one would be too high', async () => {
    const drawn = await layOutOnPage(chain(8));
    expect(columnsOf(drawn)).toBeGreaterThan(1);
    expect(drawn.columns).toHaveLength(columnsOf(drawn));
    expect(drawn.layout.width).toBeLessThanOrEqual(MAX_WIDTH);
  });

  test('has an arrow or a jump for every transition, and no arrow between columns', async () => {
    const whole = chain(8);
    const drawn = await layOutOnPage(whole);
    const { layout, sketch } = drawn;
    expect(jumpsIn(drawn).length + sketch.arrows.length).toBe(whole.arrows.length);
    expect(jumpsIn(drawn)).toContain('state7 → state0');
    const columnOf = (path: string): number =>
      drawn.columns.findLastIndex((left) => left <= layout.boxes.get(path)!.x);
    for (const arrow of sketch.arrows) {
      const { points, label } = layout.arrows.get(arrow)!;
      const [from, to] = [layout.boxes.get(arrow.from)!, layout.boxes.get(arrow.to)!];
      expect(columnOf(arrow.from)).toBe(columnOf(arrow.to));
      expect(Math.abs(from.y + from.height - points[0]![1])).toBeLessThan(1);
      expect(Math.abs(to.y - points.at(-1)![1])).toBeLessThan(1);
      expect(label).not.toBeNull();
    }
  });

  test('a return arrow over the whole picture becomes a jump to its first state', async () => {
    const drawn = await layOutOnPage(chain(4));
    const { sketch, layout } = drawn;
    expect(jumpsIn(drawn)).toContain('state3 → state0');
    for (const { points } of layout.arrows.values()) {
      const steps = points
        .slice(1)
        .map(([x, y], at) => Math.hypot(x - points[at]![0], y - points[at]![1]));
      expect(steps.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(MAX_ARROW);
    }
    expect(sketch.boxes.map(({ path }) => path)).toEqual(['state0', 'state1', 'state2', 'state3']);
  });
});
