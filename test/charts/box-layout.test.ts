import { describe, expect, test } from 'vitest';

import { contentOf, labelSize } from '../../src/charts/box-layout.ts';
import type { SketchBox } from '../../src/charts/sketch.ts';

const line = (text: string) => ({ text, transitions: [] });
const box: SketchBox = {
  path: 'a.b',
  parent: 'a',
  title: 'b',
  kind: 'state',
  description: '',
  notes: ['runs link'],
  rows: [
    { kind: 'outcome', title: 'tooManyPeers', lines: [line('after 5 s'), line('[isFull]')] },
    { kind: 'outcome', title: 'self', lines: [line('reject.self')] },
    { kind: 'listed', title: 'mute', lines: [] },
  ],
  initial: null,
};

describe('the contents of a box', () => {
  const { texts, rows, width, height } = contentOf(box);

  test('are the title, below it the notes, below them the rows', () => {
    const lines = [...texts, ...rows.flatMap((row) => row.texts)];
    expect(lines.map(({ text }) => text)).toEqual([
      'b',
      'runs link',
      'tooManyPeers',
      'after 5 s',
      '[isFull]',
      'self',
      'reject.self',
      'mute',
    ]);
    expect(texts[0]!.y).toBeLessThan(texts[1]!.y);
    expect(texts[1]!.y).toBeLessThan(rows[0]!.y);
  });

  test('have rows as high as their lines, without space between them', () => {
    expect(rows[0]!.height).toBe(2 * rows[1]!.height);
    expect(rows[1]!.y).toBe(rows[0]!.y + rows[0]!.height);
    expect(rows[2]!.height).toBe(rows[1]!.height);
  });

  test('have all conditions left-aligned, after the widest name', () => {
    const [name, first, second] = rows[0]!.texts;
    const [, third] = rows[1]!.texts;
    expect([second!.x, third!.x]).toEqual([first!.x, first!.x]);
    expect(first!.x).toBeGreaterThan(name!.x + name!.width);
  });

  test('fit into the size of the box, with space for a count at the end of each row', () => {
    for (const { x, y, width: textWide } of [...texts, ...rows.flatMap((row) => row.texts)]) {
      expect(x).toBeGreaterThan(0);
      expect(x + textWide).toBeLessThan(width);
      expect(y).toBeLessThan(height);
    }
    for (const row of rows) {
      const end = Math.max(...row.texts.map((text) => text.x + text.width));
      expect(row.x + row.width - end).toBeGreaterThanOrEqual(24);
    }
  });
});

test('a label is as wide as its widest line and as high as all of them', () => {
  const one = labelSize([line('stop')]);
  const two = labelSize([line('stop'), line('after farewell (2 s)')]);
  expect(two.width).toBe(labelSize([line('after farewell (2 s)')]).width);
  expect(two.height).toBeGreaterThan(one.height);
});
