import { expect, test } from 'vitest';

import { ChartDrawing, type Picked } from '../../../../src/inspect/page/chart/chart-drawing.ts';
import type { AllMarks, OneMarks } from '../../../../src/inspect/page/chart/chart-marks.ts';
import { CHARTS } from '../../../../src/inspect/page/chart/charts.ts';

/** The part of an SVG element that the drawing uses. */
class FakeElement {
  readonly name: string;
  readonly attributes = new Map<string, string>();
  readonly children: FakeElement[] = [];
  readonly classes = new Set<string>();
  readonly style = {
    strokeWidth: '',
    values: {} as Record<string, string>,
    setProperty(key: string, value: string) {
      this.values[key] = value;
    },
  };
  readonly listeners: ((event: unknown) => void)[] = [];
  textContent = '';
  readonly classList = {
    add: (name: string) => void this.classes.add(name),
    remove: (name: string) => void this.classes.delete(name),
    toggle: (name: string, isOn: boolean) =>
      void (isOn ? this.classes.add(name) : this.classes.delete(name)),
  };

  constructor(name: string) {
    this.name = name;
  }

  setAttribute(key: string, value: string): void {
    if (key === 'class') for (const one of value.split(' ')) this.classes.add(one);
    else this.attributes.set(key, value);
  }

  append(...children: FakeElement[]): void {
    this.children.push(...children);
  }

  addEventListener(_: string, listener: (event: unknown) => void): void {
    this.listeners.push(listener);
  }

  getBoundingClientRect(): object {
    return {};
  }

  all(): FakeElement[] {
    return [this, ...this.children.flatMap((child) => child.all())];
  }
}

function drawn(machine = 'connection-setup') {
  const { picture, map } = CHARTS.get(machine)!;
  const picked: Picked[] = [];
  const document = { createElementNS: (_: string, name: string) => new FakeElement(name) };
  const drawing = new ChartDrawing(
    picture,
    (one) => picked.push(one),
    document as unknown as Document,
  );
  const svg = drawing.svg as unknown as FakeElement;
  const withClass = (...names: string[]) =>
    svg.all().filter(({ classes }) => names.every((name) => classes.has(name)));
  const titleOf = (group: FakeElement) =>
    group.children.find(({ name }) => name === 'title')!.textContent.split(':')[0];
  return { drawing, picture, map, picked, svg, withClass, titleOf };
}

const one = (marks: Partial<OneMarks>): OneMarks => ({
  on: new Set(),
  was: new Set(),
  rows: new Set(),
  lines: new Set(),
  sequence: 1,
  ...marks,
});
const all = (marks: Partial<AllMarks>): AllMarks => ({
  counts: new Map(),
  rows: new Map(),
  rates: new Map(),
  alive: 0,
  isLost: false,
  ...marks,
});

test.for([...CHARTS.keys()])('all texts of %s are drawn', (machine) => {
  const { picture, svg } = drawn(machine);
  const words = [
    ...picture.boxes.flatMap(({ texts, rows }) => [...texts, ...rows.flatMap((row) => row.texts)]),
    ...picture.arrows.flatMap(({ texts }) => texts),
  ].map(({ text }) => text);
  const texts = svg.all().filter(({ name, textContent }) => name === 'text' && textContent !== '');
  expect(texts.map(({ textContent }) => textContent).sort()).toEqual(words.sort());
});

test('for one actor the previous state is unmarked on the next step', () => {
  const { drawing, withClass, titleOf } = drawn();
  drawing.showOne(one({ on: new Set(['protoHandshake']), was: new Set(['encHandshake']) }));
  expect(withClass('on').map(titleOf)).toEqual(['protoHandshake']);
  expect(withClass('was').map(titleOf)).toEqual(['encHandshake']);
  drawing.showOne(one({ on: new Set(['identityCheck']), sequence: 2 }));
  expect(withClass('on').map(titleOf)).toEqual(['identityCheck']);
  expect(withClass('was')).toEqual([]);
});

test('the taken transition is highlighted with its label, and animated once', () => {
  const { drawing, map, withClass } = drawn();
  const line = map.lineOf({
    source: 'postHandshakeCheckpoint',
    event: 'accept',
    target: 'protoHandshake',
  })!;
  const row = map.listedRow('rejected.self')!;
  drawing.showOne(one({ lines: new Set([line]), rows: new Set([row]), sequence: 5 }));
  expect(
    withClass('took')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['g', 'g', 'text']);
  expect(withClass('sweep', 'arrow')).toHaveLength(1);
  drawing.showOne(one({ lines: new Set(), sequence: 5 })); // drawn again, nothing new
  expect(withClass('sweep', 'arrow')).toHaveLength(1);
  drawing.showOne(one({ sequence: 6 }));
  expect([withClass('took'), withClass('sweep')]).toEqual([[], []]);
});

test('for all actors boxes and rows have counts, and arrows a width', () => {
  const { drawing, map, withClass } = drawn();
  const way = { source: 'postHandshakeCheckpoint', event: 'accept', target: 'protoHandshake' };
  const row = map.listedRow('rejected.self')!;
  const marks = all({
    counts: new Map([['protoHandshake', 12]]),
    rows: new Map([[row, 3]]),
    rates: new Map([[map.lineOf(way)!, 7]]),
  });
  drawing.showAll(marks, false);
  const shown = withClass('badge').filter(({ classes }) => !classes.has('none'));
  expect(shown.map(({ children }) => children[1]!.textContent)).toEqual(['12']);
  expect(withClass('used')).toHaveLength(1);
  expect(withClass('used')[0]!.children.at(-1)!.textContent).toBe('3');
  const heavy = withClass('line').filter(({ style }) => style.strokeWidth !== '');
  expect(heavy.map(({ style }) => Number(style.strokeWidth))).toEqual([2.8]);
  expect(
    withClass('hot')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['g', 'text']);

  drawing.showOne(one({}));
  expect(withClass('badge').every(({ classes }) => classes.has('none'))).toBe(true);
  expect([withClass('used'), withClass('hot'), withClass('all')]).toEqual([[], [], []]);
  expect(withClass('line').every(({ style }) => style.strokeWidth === '')).toBe(true);
});

test('with a single actor its state is marked instead of counted', () => {
  const { drawing, withClass, titleOf } = drawn('server');
  drawing.showAll(all({ counts: new Map([['active.phase.running', 1]]) }), true);
  expect(withClass('on').map(titleOf)).toEqual(['active.phase.running']);
  expect(withClass('badge').every(({ classes }) => classes.has('none'))).toBe(true);
});

test('a click gives the state and whether it is an ending', () => {
  const { picked, withClass, map, picture } = drawn();
  const click = (element: FakeElement) => element.listeners[0]!({ stopPropagation: () => {} });
  click(
    withClass('state').find((group) =>
      group.children[0]!.textContent.startsWith('protoHandshake'),
    )!,
  );
  const rows = withClass('row');
  const ids = picture.boxes.flatMap((box, place) => box.rows.map((_, row) => `${place}.${row}`));
  click(rows[ids.indexOf(map.listedRow('refused.self')!)]!);
  click(
    rows[ids.indexOf(map.rowOf({ source: '', event: 'reject.self', target: 'rejected.self' })!)]!,
  );
  expect(picked).toEqual([
    { state: 'protoHandshake', isEnding: false },
    { state: 'refused.self', isEnding: true },
    { state: 'rejected', isEnding: true },
  ]);
});

test('counts are enlarged in a small picture, up to a limit', () => {
  const { drawing, svg } = drawn();
  const enlarged = [2, 0.6, 0.1].map((scale) => {
    drawing.setScale(scale);
    return svg.style.values['--enlarge'];
  });
  expect(enlarged).toEqual(['1', '1.5', '1.7']);
});
