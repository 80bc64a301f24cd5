import { describe, expect, test } from 'vitest';
import { unfolded } from '../../../../src/charts/unfold.ts';
import { ChartDrawing, type Picked } from '../../../../src/inspect/page/chart/chart-drawing.ts';
import type { AllMarks, OneMarks } from '../../../../src/inspect/page/chart/chart-marks.ts';
import { CHARTS } from '../../../../src/inspect/page/chart/charts.ts';
import { type FakeElement, fakeDocument } from './fake-element.ts';

/** @param open Boxes of reasons that show all of them. */
function drawn(machine = 'connection-setup', open: readonly string[] = GROUPS[machine] ?? []) {
  const { picture, map } = CHARTS.get(machine)!;
  const rows = (path: string) => picture.boxes.find((box) => box.path === path)!.rows.keys();
  const picked: Picked[] = [];
  const folded: string[] = [];
  const handlers = {
    pick: (one: Picked) => void picked.push(one),
    fold: (path: string) => void folded.push(path),
  };
  const shown = unfolded(picture, new Map(open.map((path) => [path, new Set(rows(path))])));
  const drawing = new ChartDrawing(shown, new Set(open), handlers, fakeDocument);
  const svg = drawing.svg as unknown as FakeElement;
  const withClass = (...names: string[]) =>
    svg.all().filter(({ classes }) => names.every((name) => classes.has(name)));
  const titleOf = (group: FakeElement) =>
    group.children.find(({ name }) => name === 'title')!.textContent.split(':')[0];
  return { drawing, picture, map, picked, folded, svg, withClass, titleOf };
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'connection-setup': ['rejected', 'refused', 'failed'],
  'eth-session': ['rejected', 'refused', 'failed'],
  peer: ['ending.rejected', 'ending.refused', 'ending.failed'],
};

const one = (marks: Partial<OneMarks>): OneMarks => ({
  on: new Set(),
  was: new Set(),
  rows: new Set(),
  lines: new Set(),
  path: { rows: new Set(), lines: new Set() },
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
    { state: 'protoHandshake', isEnding: false, isJump: false },
    { state: 'refused.self', isEnding: true, isJump: false },
    { state: 'rejected', isEnding: true, isJump: false },
  ]);
});

test('a click on a jump gives its target', () => {
  const { picked, withClass } = drawn('server');
  const row = withClass('row').find(({ children }) =>
    children.some(({ textContent }) => textContent === 'idle'),
  )!;
  row.listeners[0]!({ stopPropagation: () => {} });
  expect(picked).toEqual([{ state: 'idle', isEnding: false, isJump: true }]);
});

describe('a box of reasons', () => {
  const press = (key?: string) => ({ key, stopPropagation: () => {}, preventDefault: () => {} });

  test('is folded to one line with the count of all its reasons', () => {
    const { drawing, withClass, map, folded } = drawn('connection-setup', []);
    expect(withClass('row', 'listed')).toEqual([]);
    const counts = ['rejected.self', 'rejected.tooManyPeers', 'refused.self'].map(
      (state, place) => [map.listedRow(state)!, place + 4] as const,
    );
    drawing.showAll(all({ rows: new Map(counts) }), false);
    const folds = withClass('fold');
    expect(folds.map(({ attributes }) => attributes.get('aria-label'))).toEqual([
      'rejected: 13 reasons, 9 ended this way',
      'refused: 14 reasons, 6 ended this way',
      'failed: 19 reasons',
    ]);
    expect(folds.map(({ children }) => children.at(-1)!.textContent)).toEqual(['9', '6', '']);
    expect(folds.map(({ attributes }) => attributes.get('aria-expanded'))).toEqual(
      Array(3).fill('false'),
    );
    folds[0]!.listeners[0]!(press());
    folds[1]!.listeners[1]!(press('Enter'));
    folds[2]!.listeners[1]!(press('x'));
    expect(folded).toEqual(['rejected', 'refused']);
  });

  test('lists its reasons when it is open', () => {
    const { withClass } = drawn('connection-setup', ['rejected']);
    expect(withClass('row', 'listed')).toHaveLength(13);
    expect(withClass('fold')[0]!.attributes.get('aria-expanded')).toBe('true');
  });
});

test('for one actor the whole path is marked, and the rest is dim', () => {
  const { drawing, map, svg, withClass, titleOf } = drawn();
  const accept = { source: 'postHandshakeCheckpoint', event: 'accept', target: 'protoHandshake' };
  const late = { source: '', event: 'reject.self', target: 'rejected.self' };
  const path = { rows: new Set([map.rowOf(late)!]), lines: new Set([map.lineOf(accept)!]) };
  const was = new Set(['postHandshakeCheckpoint', 'protoHandshake']);
  drawing.showOne(one({ on: new Set(['rejected']), was, path }));
  expect(svg.classes.has('dim')).toBe(true);
  expect(withClass('path', 'state').map(titleOf)).toEqual([
    'any state',
    'postHandshakeCheckpoint',
    'protoHandshake',
    'rejected',
  ]);
  expect(withClass('path', 'row')).toHaveLength(1);
  expect(withClass('path', 'arrow')).toHaveLength(2); // the line and its label
  drawing.showOne(one({}));
  expect(svg.classes.has('dim')).toBe(false); // it was never in this chart
  drawing.showAll(all({}), false);
  expect(withClass('path')).toEqual([]);
});
