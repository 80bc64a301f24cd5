/** The chart of one machine, for all its actors or for the selected one, with its toolbar and its legend. */
import { effect, type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { WideIcon } from '../base/icons.tsx';
import { type Page, usePage } from '../base/page-context.tsx';
import { shortMachine } from '../model/state-words.ts';
import { SCALE } from './chart-scale.ts';
import { ChartView } from './chart-view.ts';
import { CHARTS, MACHINES, ONLY_ONE } from './charts.ts';
import { Outline } from './outline.tsx';
import { type ChartFit, ShownChart } from './shown-chart.ts';

type Controls = Pick<ChartView, 'step' | 'fit'>;

export function ChartPanel() {
  const { session } = usePage();
  const machine = session.machine.value;
  /** Null fits the chart into the panel. */
  const zoom = useSignal<number | null>(null);
  const scale = useSignal(1);
  const controls = useRef<Controls | null>(null);
  const [fit, setFit] = useState<ChartFit>('shown');
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
        <fieldset class="choice zoom" aria-label="Zoom">
          <button
            type="button"
            aria-label="Zoom out"
            title="Zoom out (−); never with type below 11 px"
            aria-disabled={scale.value <= SCALE.least}
            onClick={() => controls.current?.step(-1)}
          >
            −
          </button>
          <button
            type="button"
            title="Fit, and go to the active states (0)"
            aria-pressed={zoom.value === null}
            onClick={() => controls.current?.fit()}
          >
            Fit
          </button>
          <button
            type="button"
            aria-label="Zoom in"
            title="Zoom in (+)"
            aria-disabled={scale.value >= SCALE.most}
            onClick={() => controls.current?.step(1)}
          >
            +
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
      {CHARTS.has(machine) && fit !== 'lost' ? (
        <Canvas key={machine} {...{ machine, zoom, scale, controls, setFit }} />
      ) : (
        <div class="canvas">
          <p class="hint">
            The {machine} chart of this page does not match the machine of this node. The list shows
            the states that its actors report.
          </p>
          <Outline machine={machine} />
        </div>
      )}
      <Legend machine={machine} fit={fit} />
    </section>
  );
}

type CanvasProps = {
  readonly machine: string;
  readonly zoom: Signal<number | null>;
  readonly scale: Signal<number>;
  /** Set to what the buttons of the toolbar call. */
  readonly controls: { current: Controls | null };
  readonly setFit: (fit: ChartFit) => void;
};

function Canvas({ machine, zoom, scale, controls, setFit }: CanvasProps) {
  const page = usePage();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const view = new ChartView(box.current!, zoom, scale);
    const chart = new ShownChart(page, machine, view, document);
    chart.paint();
    view.onFit = () => chart.centre();
    controls.current = view;
    const stop = followFrames(page, () => setFit(chart.paint()));
    return () => {
      stop();
      view.close();
      controls.current = null;
      setFit('shown');
    };
  }, [machine, page, zoom, scale, controls, setFit]);
  return (
    <>
      <section
        class="canvas drawn"
        ref={box}
        aria-label={`Picture of ${machine}: arrow keys scroll, + and - zoom, 0 fits`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      />
      <div class="only-read-aloud">
        <Outline machine={machine} />
      </div>
    </>
  );
}

/** At most one update per animation frame, and none while the page is hidden. */
function followFrames({ store, session }: Page, paint: () => void): () => void {
  let waiting = 0;
  const stop = effect(() => {
    store.changed.value;
    session.selected.value;
    session.step.value;
    if (waiting !== 0) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      paint();
    });
  });
  return () => {
    stop();
    cancelAnimationFrame(waiting);
  };
}

function Legend({ machine, fit }: { readonly machine: string; readonly fit: ChartFit }) {
  const { session } = usePage();
  if (fit === 'elsewhere')
    return <p class="legend">The selection has not been in a state of this chart.</p>;
  if (session.selected.value !== null)
    return (
      <p class="legend">
        <span class="key now" /> now <span class="key before" /> visited <span class="key taken" />{' '}
        taken <span class="key transition" /> last transition
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
