/**
 * The picture of a machine as SVG: drawn once for each set of open boxes; otherwise only classes and count texts change,
 * so that it can update many times a second. chart-marks.ts computes the marks. Longer than 300 lines: one drawing.
 */
import { arrowPath } from '../../../charts/arrow-path.ts';
import type { Picture, PictureArrow, PictureBox } from '../../../charts/picture.ts';
import { shownRows } from '../../../charts/unfold.ts';
import { amount } from '../model/durations.ts';
import type { LineId, RowId } from './chart-map.ts';
import type { AllMarks, OneMarks } from './chart-marks.ts';
import { caretAt, markAt, stateOf } from './row-shapes.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** Line widths in px: of an idle arrow, and the largest. */
const LINE = { least: 1.4, most: 5, growth: 0.45 };

/** Wider from one transition a second on. */
const lineWidth = (rate: number): number =>
  Math.min(LINE.most, LINE.least + Math.log2(1 + rate) * LINE.growth);

/** Width of a digit of a badge and the padding around all of them, in px. */
const BADGE = { digit: 8, padding: 16 };

type Row = { readonly group: SVGElement; readonly count: SVGElement };
type Line = {
  readonly arrow: SVGElement;
  readonly path: SVGElement;
  readonly label: SVGElement;
  readonly text: SVGElement;
};
/** The head of a box of reasons; its count sums up those of its rows. */
type Fold = {
  readonly button: SVGElement;
  readonly label: string;
  readonly count: SVGElement;
  readonly rows: readonly RowId[];
};
type Badge = {
  readonly group: SVGElement;
  readonly pill: SVGElement;
  readonly text: SVGElement;
};

/** The clicked part: the path of a state, whether it is an ending, and whether it is the target of a jump. */
export type Picked = {
  readonly state: string;
  readonly isEnding: boolean;
  readonly isJump: boolean;
};

export type ChartHandlers = {
  pick(picked: Picked): void;
  /** Opens or closes a box of reasons. */
  fold(path: string): void;
};

/** Height of the head of a box that folds, in px. */
const HEAD = 30;

export class ChartDrawing {
  readonly svg: SVGElement;
  readonly picture: Picture;
  readonly #document: Document;
  readonly #handlers: ChartHandlers;
  readonly #boxes = new Map<string, SVGElement>();
  /** Texts of boxes, and start dots by the box they point to. */
  readonly #words = new Map<string, SVGElement>();
  readonly #starts = new Map<string, SVGElement>();
  /** By path of the box. */
  readonly #folds = new Map<string, Fold>();
  readonly #rows = new Map<RowId, Row>();
  readonly #lines = new Map<LineId, Line>();
  readonly #badges = new Map<string, Badge>();
  /** Elements by the class they have now. */
  readonly #classed = new Map<string, Set<SVGElement>>();
  #swept = -1;

  /** @param open Paths of boxes with all their reasons. */
  constructor(
    picture: Picture,
    open: ReadonlySet<string>,
    handlers: ChartHandlers,
    document: Document,
  ) {
    this.picture = picture;
    this.#document = document;
    this.#handlers = handlers;
    const { id, width, height, boxes, arrows, starts } = picture;
    this.svg = this.#element('svg', {
      class: 'statechart',
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': `Statechart of the ${id} machine`,
    });
    // screen readers get the outline instead, and the boxes that fold
    const layers = ['boxes', 'arrows', 'labels', 'words', 'badges'].map((name) =>
      this.#element('g', { class: name, 'aria-hidden': 'true' }),
    );
    const folds = this.#element('g', { class: 'folds' });
    this.svg.append(...layers, folds);
    const [shapes, lines, labels, words, badges] = layers as [SVGElement, ...SVGElement[]];
    boxes.forEach((box, index) => {
      shapes.append(this.#box(box));
      words!.append(this.#wordsOf(box, index));
      badges!.append(this.#badge(box));
      if (box.shown) folds.append(this.#fold(box, index, open.has(box.path)));
    });
    for (const { to, dot, radius, points } of starts) {
      const circle = this.#element('circle', { class: 'dot', cx: dot[0], cy: dot[1], r: radius });
      const start = this.#element('g', { class: 'start arrow' }, circle, ...this.#paths(points));
      this.#starts.set(to, start);
      lines!.append(start);
    }
    arrows.forEach((arrow, index) => {
      const [line, label] = this.#arrow(arrow, index);
      lines!.append(line);
      labels!.append(label);
    });
  }

  showOne({ on, was, rows, lines, path, sequence }: OneMarks): void {
    this.svg.classList.remove('all');
    this.svg.classList.toggle('dim', on.size > 0);
    this.#count(new Map());
    this.#tally(new Map());
    this.#weigh(new Map());
    this.#setClass('on', boxesOf(this.#boxes, on));
    this.#setClass('was', boxesOf(this.#boxes, was));
    this.#setClass('took', this.#took(rows, lines));
    this.#setClass('path', this.#pathOf(new Set([...on, ...was]), path));
    if (sequence === this.#swept) return;
    this.#swept = sequence;
    this.#setClass('sweep', []);
    this.svg.getBoundingClientRect(); // restarts the animation
    this.#setClass('sweep', this.#took(new Set(), lines));
  }

  showAll({ counts, rows, rates }: AllMarks, isOnlyOne: boolean): void {
    this.svg.classList.add('all');
    this.svg.classList.remove('dim');
    this.#setClass('path', []);
    this.#setClass('sweep', []);
    this.#setClass('took', []);
    this.#setClass('was', []);
    this.#setClass('on', isOnlyOne ? boxesOf(this.#boxes, counts.keys()) : []);
    this.#count(isOnlyOne ? new Map() : counts);
    this.#tally(rows);
    this.#weigh(rates);
  }

  /** What the selected actor went through: boxes with their texts and start dots, rows, arrows with their labels. */
  #pathOf(visited: ReadonlySet<string>, { rows, lines }: OneMarks['path']): SVGElement[] {
    // transitions that apply in any state leave a box without a state
    const left = [...rows].map((id) => this.picture.boxes[Number.parseInt(id, 10)]!.path);
    const boxes = new Set([...visited, ...left]);
    const parts = [this.#boxes, this.#words, this.#starts].flatMap((all) => boxesOf(all, boxes));
    const labels = [...lines].flatMap((id) => this.#lines.get(id)?.label ?? []);
    return [...parts, ...labels, ...this.#took(rows, lines)];
  }

  #took(rows: ReadonlySet<RowId>, lines: ReadonlySet<LineId>): SVGElement[] {
    const taken = [...lines].flatMap((id) => {
      const line = this.#lines.get(id);
      return line ? [line.arrow, line.text] : [];
    });
    return [...taken, ...[...rows].flatMap((id) => this.#rows.get(id)?.group ?? [])];
  }

  #setClass(name: string, elements: Iterable<SVGElement>): void {
    const next = new Set(elements);
    for (const element of this.#classed.get(name) ?? [])
      if (!next.has(element)) element.classList.remove(name);
    for (const element of next) element.classList.add(name);
    this.#classed.set(name, next);
  }

  #count(counts: ReadonlyMap<string, number>): void {
    for (const [path, { group, pill, text }] of this.#badges) {
      const words = countText(counts.get(path));
      if (text.textContent === words) continue;
      text.textContent = words;
      pill.setAttribute('width', String(BADGE.padding + words.length * BADGE.digit));
      group.classList.toggle('none', words === '');
    }
    this.#setClass('populated', boxesOf(this.#boxes, counts.keys()));
  }

  #tally(counts: ReadonlyMap<RowId, number>): void {
    for (const [id, { count }] of this.#rows) setText(count, countText(counts.get(id)));
    for (const { button, label, count, rows } of this.#folds.values()) {
      const text = countText(rows.reduce((sum, id) => sum + (counts.get(id) ?? 0), 0));
      if (count.textContent === text) continue;
      count.textContent = text;
      button.setAttribute('aria-label', text === '' ? label : `${label}, ${text} ended this way`);
    }
    this.#setClass(
      'used',
      [...counts.keys()].flatMap((id) => this.#rows.get(id)?.group ?? []),
    );
  }

  /** The width of an arrow follows the most taken line of its label. */
  #weigh(rates: ReadonlyMap<LineId, number>): void {
    const heaviest = new Map<SVGElement, number>();
    const hot = new Set<SVGElement>();
    for (const [id, { arrow, path, text }] of this.#lines) {
      const rate = rates.get(id) ?? 0;
      heaviest.set(path, Math.max(rate, heaviest.get(path) ?? 0));
      if (rate > 0) hot.add(arrow).add(text);
    }
    for (const [path, rate] of heaviest) {
      const width = rate > 0 ? lineWidth(rate).toFixed(1) : '';
      if (path.style.strokeWidth !== width) path.style.strokeWidth = width;
    }
    this.#setClass('hot', hot);
  }

  #box({
    path,
    kind,
    x,
    y,
    width,
    height,
    isCompound,
    depth,
    description,
  }: PictureBox): SVGElement {
    const shade = isCompound ? (depth === 0 ? ' outer' : ' inner') : '';
    const title = this.#element('title');
    title.textContent = [path || 'any state', description].filter(Boolean).join(': ');
    const group = this.#element('g', { class: `state ${kind}${shade}` }, title);
    group.append(this.#element('rect', { x, y, width, height, rx: isCompound ? 10 : 7 }));
    if (kind === 'final') {
      const inner = { x: x + 3, y: y + 3, width: width - 6, height: height - 6, rx: 5 };
      group.append(this.#element('rect', { class: 'rim', ...inner }));
    }
    this.#boxes.set(path, group);
    const isEnding = kind === 'outcomes';
    if (path !== '') this.#pickable(group, { state: path, isEnding, isJump: false });
    return group;
  }

  #wordsOf(drawn: PictureBox, box: number): SVGElement {
    const { path, texts } = drawn;
    const group = this.#element('g', { class: 'text' });
    this.#words.set(path, group);
    const title = this.#element('g', { class: 'head' });
    for (const { x, y, text, style } of texts) title.append(this.#text(text, style, x, y));
    group.append(title);
    for (const [index, row] of shownRows(drawn)) {
      const { kind, x, y, width, height } = row;
      const element = this.#element('g', { class: `row ${kind}` });
      element.append(this.#element('rect', { x, y, width, height, rx: 4 }));
      const mark = markAt(kind, x + 6, y + 9);
      if (mark) element.append(this.#element('path', { class: 'mark', d: mark }));
      for (const { text, style, ...at } of row.texts)
        element.append(this.#text(text, style, at.x, at.y));
      const count = this.#text('', 'count', x + width - 6, y + 13);
      element.append(count);
      group.append(element);
      this.#rows.set(`${box}.${index}`, { group: element, count });
      const state = stateOf(path, row);
      if (state === '') continue;
      const isEnding = kind === 'outcome' || kind === 'listed';
      this.#pickable(element, { state, isEnding, isJump: kind === 'move' });
    }
    return group;
  }

  /** The head of a box of reasons: a button that opens and closes it, with the count of all its rows. */
  #fold({ path, x, y, width, texts, rows }: PictureBox, box: number, isOpen: boolean): SVGElement {
    const name = path.slice(path.lastIndexOf('.') + 1);
    const label = `${name}: ${texts.at(-1)!.text}`;
    const button = this.#element('g', {
      class: 'fold',
      role: 'button',
      tabindex: 0,
      'aria-expanded': String(isOpen),
      'aria-label': label,
    });
    button.append(this.#element('rect', { x, y, width, height: HEAD, rx: 7 }));
    button.append(this.#element('path', { class: 'caret', d: caretAt(x + 12, y + 14.5, isOpen) }));
    const count = this.#text('', 'count', x + width - 12, y + 19);
    button.append(count);
    const ids = rows.map((_, row) => `${box}.${row}`);
    this.#folds.set(path, { button, label, count, rows: ids });
    const toggle = (event: Event): void => {
      event.stopPropagation();
      event.preventDefault();
      this.#handlers.fold(path);
    };
    button.addEventListener('click', toggle);
    button.addEventListener('keydown', (event) => {
      if (['Enter', ' '].includes((event as KeyboardEvent).key)) toggle(event);
    });
    return button;
  }

  /** Path of the box whose button has the focus. */
  focusedFold(): string | null {
    const found = [...this.#folds].find(
      ([, { button }]) => button === this.#document.activeElement,
    );
    return found ? found[0] : null;
  }

  focusFold(path: string): void {
    this.#folds.get(path)?.button.focus({ preventScroll: true });
  }

  #badge({ path, x, y, width }: PictureBox): SVGElement {
    const text = this.#text('', 'number', x + width - 7, y + 1.3);
    const pill = this.#element('rect', { x: x + width - 15, y: y - 12, height: 18, rx: 9 });
    const group = this.#element('g', { class: 'badge none' }, pill, text);
    this.#badges.set(path, { group, pill, text });
    return group;
  }

  #arrow(
    { points, isTimed, label, texts, to }: PictureArrow,
    index: number,
  ): readonly [SVGElement, SVGElement] {
    const kind = `arrow${isTimed ? ' timed' : ''}${to === 'failed' ? ' bad' : ''}`;
    const [path, head] = this.#paths(points);
    const line = this.#element('g', { class: kind }, path, head);
    const { x, y, width, height } = label;
    const group = this.#element('g', { class: kind });
    group.append(this.#element('rect', { class: 'label', x, y, width, height, rx: 4 }));
    texts.forEach((one, place) => {
      const text = this.#text(one.text, 'when', x + width / 2, one.y);
      group.append(text);
      this.#lines.set(`${index}.${place}`, { arrow: line, path, label: group, text });
    });
    return [line, group];
  }

  #paths(points: PictureArrow['points']): readonly [SVGElement, SVGElement] {
    const { line, head } = arrowPath(points);
    return [
      this.#element('path', { class: 'line', d: line }),
      this.#element('path', { class: 'head', d: head }),
    ];
  }

  #pickable(element: SVGElement, picked: Picked): void {
    element.classList.add('pickable');
    element.addEventListener('click', (event) => {
      event.stopPropagation();
      this.#handlers.pick(picked);
    });
  }

  #text(words: string, style: string, x: number, y: number): SVGElement {
    const element = this.#element('text', { class: style, x, y });
    element.textContent = words;
    return element;
  }

  #element(
    name: string,
    attributes: Readonly<Record<string, string | number>> = {},
    ...children: readonly SVGElement[]
  ): SVGElement {
    const element = this.#document.createElementNS(SVG, name) as SVGElement;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.append(...children);
    return element;
  }
}

const boxesOf = (all: ReadonlyMap<string, SVGElement>, paths: Iterable<string>): SVGElement[] =>
  [...paths].flatMap((path) => all.get(path) ?? []);

const countText = (count: number | undefined): string => (count ? amount(count) : '');

function setText(element: SVGElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
