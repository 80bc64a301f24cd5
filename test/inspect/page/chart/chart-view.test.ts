/** Against stand-ins of the elements of a browser; test/browser/chart.test.ts has the same in Chromium. */
import { signal } from '@preact/signals';
import { afterEach, expect, test, vi } from 'vitest';

import { ChartView } from '../../../../src/inspect/page/chart/chart-view.ts';

/** A scrolling element of 624 × 424 px. */
class Canvas extends EventTarget {
  clientWidth = 624;
  clientHeight = 424;
  scrollLeft = 0;
  scrollTop = 0;
  readonly classes = new Set<string>();
  readonly classList = {
    add: (name: string) => void this.classes.add(name),
    remove: (name: string) => void this.classes.delete(name),
    contains: (name: string) => this.classes.has(name),
  };

  scrollTo(left: number, top: number): void {
    this.scrollLeft = Math.max(0, left);
    this.scrollTop = Math.max(0, top);
  }

  scrollBy(left: number, top: number): void {
    this.scrollTo(this.scrollLeft + left, this.scrollTop + top);
  }

  replaceChildren(): void {
    this.scrollTo(0, 0);
  }

  setPointerCapture(): void {}

  getBoundingClientRect() {
    return { left: 0, top: 0, width: this.clientWidth, height: this.clientHeight };
  }

  at(): readonly number[] {
    return [this.scrollLeft, this.scrollTop];
  }

  send(type: string, fields: object): Event {
    const event = Object.assign(new Event(type, { cancelable: true }), fields);
    this.dispatchEvent(event);
    return event;
  }
}

function viewed(picture = { width: 1300, height: 1400 }) {
  let resized = () => {};
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        resized = callback;
      }
      observe(): void {}
      disconnect(): void {
        resized = () => {};
      }
    },
  );
  const canvas = new Canvas();
  const [zoom, scale] = [signal<number | null>(null), signal(0)];
  const view = new ChartView(canvas as never, zoom, scale);
  const svg = {
    style: { width: '', height: '' },
    getBoundingClientRect: () => ({ left: 12 - canvas.scrollLeft, top: 12 - canvas.scrollTop }),
  };
  view.show(svg as never, picture);
  return { canvas, zoom, scale, view, svg, picture, resize: () => resized() };
}

const held = { ctrlKey: false, metaKey: false, altKey: false };
const place = { x: 1000, y: 800, width: 100, height: 40 };

afterEach(() => void vi.unstubAllGlobals());

test('a chart larger than its canvas has its own size', () => {
  const { svg, scale } = viewed();
  expect([svg.style.width, svg.style.height, scale.value]).toEqual(['1300px', '1400px', 1]);
});

test('arrow keys scroll, plus and minus zoom, zero fits; other keys are left to the page', () => {
  const { canvas, scale, zoom, view } = viewed();
  const fitted: number[] = [];
  view.onFit = () => void fitted.push(scale.value);
  const press = (key: string, more = {}) => canvas.send('keydown', { key, ...held, ...more });
  expect(press('ArrowRight').defaultPrevented).toBe(true);
  press('ArrowDown');
  expect(canvas.at()).toEqual([60, 60]);
  press('+');
  expect([zoom.value, scale.value]).toEqual([1.25, 1.25]);
  press('-');
  press('-');
  expect(scale.value).toBe(1);
  press('0');
  expect([zoom.value, fitted]).toEqual([null, [1]]);
  expect(press('x').defaultPrevented).toBe(false);
  expect(press('ArrowUp', { ctrlKey: true }).defaultPrevented).toBe(false);
});

test('the wheel zooms around the pointer while Control is held, and is otherwise left alone', () => {
  const { canvas, scale } = viewed();
  const wheel = { deltaY: -400, clientX: 300, clientY: 200, ...held };
  expect(canvas.send('wheel', wheel).defaultPrevented).toBe(false);
  canvas.scrollTo(100, 100);
  expect(canvas.send('wheel', { ...wheel, ctrlKey: true }).defaultPrevented).toBe(true);
  expect(scale.value).toBeCloseTo(Math.exp(0.6));
  expect(canvas.scrollLeft + 300 - 12).toBeCloseTo((100 + 300 - 12) * scale.value);
});

test('two fingers zoom, one scrolls without help', () => {
  const { canvas, scale } = viewed();
  const fingers = (gap: number) => ({
    touches: [
      { clientX: 300 - gap, clientY: 200 },
      { clientX: 300 + gap, clientY: 200 },
    ],
  });
  canvas.send('touchstart', fingers(50));
  expect(canvas.send('touchmove', fingers(75)).defaultPrevented).toBe(true);
  expect(scale.value).toBeCloseTo(1.5);
  const one = { touches: [{ clientX: 1, clientY: 1 }] };
  expect(canvas.send('touchmove', one).defaultPrevented).toBe(false);
});

test('a drag scrolls and picks nothing; a small movement is still a click', () => {
  const { canvas } = viewed();
  const clicks: Event[] = [];
  canvas.addEventListener('click', (event) => clicks.push(event));
  const pointer = (type: string, clientX: number, clientY: number) =>
    canvas.send(type, { button: 0, pointerType: 'mouse', pointerId: 1, clientX, clientY });
  pointer('pointerdown', 300, 300);
  pointer('pointermove', 298, 299);
  expect(canvas.at()).toEqual([0, 0]);
  pointer('pointermove', 250, 200);
  expect(canvas.at()).toEqual([50, 100]);
  expect(canvas.classes.has('dragging')).toBe(true);
  pointer('pointerup', 250, 200);
  expect(canvas.classes.has('dragging')).toBe(false);
  pointer('pointermove', 0, 0);
  expect(canvas.at()).toEqual([50, 100]);
  const click = canvas.send('click', {});
  expect(click.cancelBubble).toBe(true);
});

test('another drawing of the chart keeps the place', () => {
  const { canvas, view, svg, picture } = viewed();
  canvas.scrollTo(70, 80);
  view.show(svg as never, picture);
  expect(canvas.at()).toEqual([70, 80]);
});

test('what was centred stays so when the canvas changes its size, unless it was moved since', () => {
  const { canvas, view, resize } = viewed();
  view.centre([place]);
  expect(canvas.at()).toEqual([12 + 1050 - 312, 12 + 820 - 212]);
  canvas.clientWidth = 424;
  resize();
  expect(canvas.at()).toEqual([12 + 1050 - 212, 12 + 820 - 212]);
  canvas.scrollTo(5, 5);
  canvas.clientWidth = 624;
  resize();
  expect(canvas.at()).toEqual([5, 5]);
});

test('a place is revealed only if it is out of view', () => {
  const { canvas, view } = viewed();
  canvas.scrollTo(600, 500);
  view.reveal(place);
  expect(canvas.at()).toEqual([600, 500]);
  view.reveal({ ...place, x: 0, y: 0 });
  expect(canvas.at()).toEqual([0, 0]);
});

test('a closed view ignores events', () => {
  const { canvas, view, scale } = viewed();
  view.close();
  canvas.send('keydown', { key: '+', ...held });
  expect(scale.value).toBe(1);
});
