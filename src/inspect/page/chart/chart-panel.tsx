/** The chart of one machine, for all its actors or for the selected one, and its zoom. */
import { effect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { WideIcon } from '../base/icons.tsx';
import { type Page, usePage } from '../base/page-context.tsx';
import { isBad, shortMachine } from '../model/state-words.ts';
import { storyOf } from '../model/story.ts';
import { ChartDrawing, type Picked } from './chart-drawing.ts';
import { allMarks, oneMarks } from './chart-marks.ts';
import { CHARTS, MACHINES, ONLY_ONE } from './charts.ts';
import { Outline } from './outline.tsx';

/** Limits of the scale, and its change per wheel step. */
const ZOOM = { least: 0.3, most: 3, wheel: 0.0015 };
/** Largest scale of a fitted chart. */
const MAX_FIT = 1.25;

export function ChartPanel() {
  const { session } = usePage();
  const machine = session.machine.value;
  /** Null fits the chart into the panel. */
  const [zoom, setZoom] = useState<number | null>(null);
  const [isLost, setLost] = useState(false);
  return (
    <section class="chart" aria-label={`Chart of ${machine}`}>
      <div class="toolbar">
        <fieldset class="choice machines" aria-label="Machine">
          {MACHINES.map((id) => (
            <button
              key={id}
              type="button"
              title={id}
              aria-pressed={id === machine}
              onClick={() => {
                session.machine.value = id;
              }}
            >
              {shortMachine(id)}
            </button>
          ))}
        </fieldset>
        <fieldset class="choice" aria-label="Zoom">
          <button type="button" aria-pressed={zoom === null} onClick={() => setZoom(null)}>
            Fit
          </button>
          <button type="button" aria-pressed={zoom === 1} onClick={() => setZoom(1)}>
            100 %
          </button>
        </fieldset>
        <button
          type="button"
          class="quiet wide"
          title="Chart at full width (f)"
          aria-label="Chart at full width"
          aria-pressed={session.isWide.value}
          onClick={() => {
            session.isWide.value = !session.isWide.value;
          }}
        >
          <WideIcon />
        </button>
        {session.selected.value !== null && (
          <button type="button" class="quiet all" onClick={() => session.select(null)}>
            Show all <kbd>Esc</kbd>
          </button>
        )}
      </div>
      {CHARTS.has(machine) && !isLost ? (
        <Drawing key={machine} machine={machine} zoom={zoom} setZoom={setZoom} setLost={setLost} />
      ) : (
        <div class="canvas">
          <p class="hint">
            The {machine} chart of this page does not match the machine of this node. The list shows
            the states that its actors report.
          </p>
          <Outline machine={machine} />
        </div>
      )}
      <Legend machine={machine} />
    </section>
  );
}

type DrawingProps = {
  readonly machine: string;
  readonly zoom: number | null;
  readonly setZoom: (zoom: number | null) => void;
  readonly setLost: (isLost: boolean) => void;
};

function Drawing({ machine, zoom, setZoom, setLost }: DrawingProps) {
  const page = usePage();
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<ChartDrawing | null>(null);
  useEffect(() => {
    const { picture } = CHARTS.get(machine)!;
    const drawn = new ChartDrawing(picture, (picked) => pick(page, machine, picked), document);
    drawing.current = drawn;
    box.current!.replaceChildren(drawn.svg);
    return followFrames(page, machine, drawn, setLost);
  }, [machine, page, setLost]);
  useScale(box, drawing, zoom);
  useEffect(() => {
    const canvas = box.current!;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomAt(canvas, drawing.current!, event, setZoom);
    };
    canvas.addEventListener('wheel', onWheel, { passive: false });
    return () => canvas.removeEventListener('wheel', onWheel);
  }, [setZoom]);
  return (
    <>
      <div class={zoom === null ? 'canvas fit' : 'canvas'} ref={box} />
      <div class="only-read-aloud">
        <Outline machine={machine} />
      </div>
    </>
  );
}

/** At most one update per animation frame, and none while the page is hidden. */
function followFrames(
  page: Page,
  machine: string,
  drawing: ChartDrawing,
  setLost: (isLost: boolean) => void,
): () => void {
  let waiting = 0;
  const { store, session } = page;
  const stop = effect(() => {
    store.changed.value;
    session.selected.value;
    session.step.value;
    if (waiting !== 0) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      setLost(paint(page, machine, drawing));
    });
  });
  return () => {
    stop();
    cancelAnimationFrame(waiting);
    setLost(false);
  };
}

/** @returns whether an actor is in a state that the picture lacks. */
function paint({ store, session }: Page, machine: string, drawing: ChartDrawing): boolean {
  const { map } = CHARTS.get(machine)!;
  const selected = session.selected.value;
  if (selected === null) {
    const marks = allMarks(map, machine, store);
    drawing.showAll(marks, ONLY_ONE.includes(machine));
    return marks.isLost;
  }
  const steps = storyOf(store, selected)?.steps ?? [];
  const marks = oneMarks(map, machine, steps, session.step.value ?? steps.length - 1);
  drawing.showOne(marks);
  return marks.isLost;
}

/** Filters the list by the picked state or reason. */
function pick({ session }: Page, machine: string, { state, isEnding }: Picked): void {
  if (!['dial-task', 'connection-setup', 'peer'].includes(machine)) return;
  const ended = isEnding || isBad(machine, state);
  session.show(`${ended ? 'reason' : 'state'}:${state}`, ended ? 'ended' : 'live');
  session.select(null);
}

function useScale(
  box: RefObject<HTMLDivElement | null>,
  drawing: RefObject<ChartDrawing | null>,
  zoom: number | null,
): void {
  useEffect(() => {
    const canvas = box.current!;
    const scale = (): void => {
      const { svg, picture } = drawing.current!;
      const room = { width: canvas.clientWidth - 24, height: canvas.clientHeight - 24 };
      const fit = Math.min(room.width / picture.width, room.height / picture.height, MAX_FIT);
      const used = Math.max(0.1, zoom ?? fit);
      svg.style.width = `${Math.round(picture.width * used)}px`;
      svg.style.height = `${Math.round(picture.height * used)}px`;
      drawing.current!.setScale(used);
    };
    scale();
    const watch = new ResizeObserver(scale);
    watch.observe(canvas);
    return () => watch.disconnect();
  }, [box, drawing, zoom]);
}

/** Keeps the point under the pointer in place. */
function zoomAt(
  canvas: HTMLElement,
  { svg, picture }: ChartDrawing,
  { deltaY, clientX, clientY }: WheelEvent,
  setZoom: (zoom: number) => void,
): void {
  const before = svg.getBoundingClientRect();
  const scale = before.width / picture.width;
  const next = Math.min(ZOOM.most, Math.max(ZOOM.least, scale * Math.exp(-deltaY * ZOOM.wheel)));
  const [x, y] = [(clientX - before.left) / scale, (clientY - before.top) / scale];
  setZoom(next);
  requestAnimationFrame(() => {
    const after = svg.getBoundingClientRect();
    canvas.scrollLeft += after.left + x * next - clientX;
    canvas.scrollTop += after.top + y * next - clientY;
  });
}

function Legend({ machine }: { readonly machine: string }) {
  const { session } = usePage();
  if (session.selected.value !== null)
    return (
      <p class="legend">
        <span class="key now" /> now <span class="key before" /> visited{' '}
        <span class="key transition" /> last transition
      </p>
    );
  if (ONLY_ONE.includes(machine))
    return (
      <p class="legend">
        <span class="key now" /> now <span class="key transition" /> taken recently; wider is more
        often
      </p>
    );
  return (
    <p class="legend">
      <span class="key badge">7</span> here now <span class="key count">✕ 7</span> ended this way{' '}
      <span class="key transition" /> wider is more often
    </p>
  );
}
