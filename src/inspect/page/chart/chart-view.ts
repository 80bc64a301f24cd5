/**
 * The part of a chart that is in view: scrolls the canvas by dragging and by arrow keys, zooms by wheel, pinch and keys.
 * The browser scrolls by wheel, trackpad and finger. Knows nothing of what is drawn.
 */
import type { Signal } from '@preact/signals';
import {
  type Area,
  bounded,
  fittingScale,
  MARGIN,
  type Size,
  scrollTo,
  stepped,
} from './chart-scale.ts';

/** Change of the scale per px of a wheel; px of the canvas per arrow key; px that a drag moves at least. */
const WHEEL = 0.0015;
const ARROW = 60;
const DRAG = 4;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-ARROW, 0],
  ArrowRight: [ARROW, 0],
  ArrowUp: [0, -ARROW],
  ArrowDown: [0, ARROW],
};

export class ChartView {
  readonly #canvas: HTMLElement;
  /** Null: as large as fits. */
  readonly #zoom: Signal<number | null>;
  /** The scale in use. */
  readonly #scale: Signal<number>;
  readonly #stop = new AbortController();
  readonly #sizes: ResizeObserver;
  /** Called by `fit`, to bring what matters into the middle. */
  onFit: () => void = () => {};
  #svg: SVGElement | null = null;
  #picture: Size = { width: 1, height: 1 };
  #touched = { distance: 0, scale: 1 };
  /** What was brought into the middle last, and where that was. */
  #centred: {
    readonly places: readonly Area[];
    readonly left: number;
    readonly top: number;
  } | null = null;

  constructor(canvas: HTMLElement, zoom: Signal<number | null>, scale: Signal<number>) {
    this.#canvas = canvas;
    this.#zoom = zoom;
    this.#scale = scale;
    const on = { signal: this.#stop.signal };
    canvas.addEventListener('wheel', this.#wheel, { ...on, passive: false });
    canvas.addEventListener('keydown', this.#key, on);
    canvas.addEventListener('pointerdown', this.#drag, on);
    canvas.addEventListener('touchstart', this.#touch, { ...on, passive: true });
    canvas.addEventListener('touchmove', this.#pinch, { ...on, passive: false });
    this.#sizes = new ResizeObserver(() => {
      const { scrollLeft, scrollTop } = canvas;
      const seen = this.#centred;
      this.resize();
      // unless the viewer has moved it since
      if (seen?.left === scrollLeft && seen.top === scrollTop) this.centre(seen.places);
    });
    this.#sizes.observe(canvas);
  }

  close(): void {
    this.#stop.abort();
    this.#sizes.disconnect();
  }

  /** Shows another drawing of the same chart, at the same place. */
  show(svg: SVGElement, picture: Size): void {
    const { scrollLeft, scrollTop } = this.#canvas;
    this.#svg = svg;
    this.#picture = picture;
    this.#canvas.replaceChildren(svg);
    this.resize();
    this.#canvas.scrollTo(scrollLeft, scrollTop);
  }

  resize(): void {
    const scale = this.#zoom.peek() ?? fittingScale(this.#picture, this.#room());
    this.#scale.value = scale;
    if (!this.#svg) return;
    this.#svg.style.width = `${Math.round(this.#picture.width * scale)}px`;
    this.#svg.style.height = `${Math.round(this.#picture.height * scale)}px`;
  }

  /** Brings places of the picture into the middle, the most important first. */
  centre(places: readonly Area[]): void {
    const at = scrollTo(places, this.#scale.peek(), this.#room());
    if (!at) return;
    this.#canvas.scrollTo(at[0], at[1]);
    const { scrollLeft: left, scrollTop: top } = this.#canvas;
    this.#centred = { places, left, top };
  }

  /** Scrolls only if a part of the place is out of view. */
  reveal(place: Area): void {
    const scale = this.#scale.peek();
    const { scrollLeft, scrollTop } = this.#canvas;
    const { width, height } = this.#room();
    const [x, y] = [MARGIN + place.x * scale - scrollLeft, MARGIN + place.y * scale - scrollTop];
    const isInside =
      x >= 0 && y >= 0 && x + place.width * scale <= width && y + place.height * scale <= height;
    if (!isInside) this.centre([place]);
  }

  fit(): void {
    this.#zoom.value = null;
    this.resize();
    this.onFit();
  }

  step(by: 1 | -1): void {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    this.#zoomAt(stepped(this.#scale.peek(), by), left + width / 2, top + height / 2);
  }

  #room(): Size {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    return { width, height };
  }

  /** The point of the picture that is at this point of the window stays there. */
  #zoomAt(scale: number, clientX: number, clientY: number): void {
    const [canvas, svg] = [this.#canvas, this.#svg!];
    const before = svg.getBoundingClientRect();
    const change = scale / this.#scale.peek();
    const [x, y] = [(clientX - before.left) * change, (clientY - before.top) * change];
    this.#zoom.value = scale;
    this.resize();
    const after = svg.getBoundingClientRect();
    canvas.scrollLeft += after.left + x - clientX;
    canvas.scrollTop += after.top + y - clientY;
  }

  readonly #wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const scale = bounded(this.#scale.peek() * Math.exp(-event.deltaY * WHEEL));
    this.#zoomAt(scale, event.clientX, event.clientY);
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const move = ARROWS[event.key];
    if (move) this.#canvas.scrollBy(move[0], move[1]);
    else if (event.key === '+' || event.key === '=') this.step(1);
    else if (event.key === '-') this.step(-1);
    else if (event.key === '0') this.fit();
    else return;
    event.preventDefault(); // the page has commands for arrows too
  };

  /** A finger scrolls without help. */
  readonly #drag = (event: PointerEvent): void => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    const canvas = this.#canvas;
    const { scrollLeft, scrollTop } = canvas;
    const drag = new AbortController();
    const on = { signal: drag.signal };
    const move = (to: PointerEvent): void => {
      const [dx, dy] = [to.clientX - event.clientX, to.clientY - event.clientY];
      if (!canvas.classList.contains('dragging')) {
        if (Math.hypot(dx, dy) < DRAG) return;
        canvas.classList.add('dragging');
        canvas.setPointerCapture(event.pointerId);
      }
      canvas.scrollTo(scrollLeft - dx, scrollTop - dy);
    };
    const end = (): void => {
      drag.abort();
      if (!canvas.classList.contains('dragging')) return;
      canvas.classList.remove('dragging');
      const still = { signal: this.#stop.signal, capture: true, once: true };
      const click = (one: Event): void => one.stopPropagation(); // a drag picks nothing
      canvas.addEventListener('click', click, still);
      setTimeout(() => canvas.removeEventListener('click', click, true));
    };
    canvas.addEventListener('pointermove', move, on);
    canvas.addEventListener('pointerup', end, on);
    canvas.addEventListener('pointercancel', end, on);
    canvas.addEventListener('lostpointercapture', end, on);
  };

  readonly #touch = ({ touches }: TouchEvent): void => {
    if (touches.length === 2)
      this.#touched = { distance: distanceOf(touches), scale: this.#scale.peek() };
  };

  readonly #pinch = (event: TouchEvent): void => {
    const { touches } = event;
    if (touches.length !== 2) return;
    event.preventDefault();
    const [one, other] = [touches[0]!, touches[1]!];
    const scale = bounded((this.#touched.scale * distanceOf(touches)) / this.#touched.distance);
    this.#zoomAt(scale, (one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2);
  };
}

function distanceOf(touches: TouchList): number {
  const [one, other] = [touches[0]!, touches[1]!];
  return Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY));
}
