/** Why connections and dials ended, over time: bars by state. The same numbers are in a table below. */
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Ending } from '../../protocol.ts';
import { clock, count } from '../amounts.ts';
import { duration } from '../durations.ts';
import { usePage } from '../page-context.tsx';
import { type Bucket, type Buckets, bucketsOf, OTHERS, widthWords } from '../reason-buckets.ts';
import { Fact } from './fact.tsx';

/** Which endings are counted. */
const KINDS: readonly (readonly [Ending['type'] | 'all', string])[] = [
  ['all', 'All'],
  ['ended', 'In setup'],
  ['drop', 'Of peers'],
  ['dialFailed', 'Of dials'],
];

export function Reasons() {
  const { store, session } = usePage();
  session.seconds.value; // bars of seconds need no more
  const kind = useSignal<Ending['type'] | 'all'>('all');
  const endings = store.endings
    .filter(({ type }) => kind.value === 'all' || type === kind.value)
    .sort((a, b) => a.at - b.at);
  const buckets = bucketsOf(endings, store.now);
  const began = Date.parse(store.about?.began ?? '');
  const show = (state: string): void => {
    if (state !== OTHERS) session.show(`reason:${state}`, 'ended');
  };
  return (
    <section class="view" aria-label="Reasons over time">
      <header class="view-head">
        <h2>Reasons over time</h2>
        <fieldset class="choice">
          <legend class="only-read-aloud">Which endings</legend>
          {KINDS.map(([id, label]) => (
            <button
              type="button"
              key={id}
              aria-pressed={kind.value === id}
              onClick={() => {
                kind.value = id;
              }}
            >
              {label}
            </button>
          ))}
        </fieldset>
        <dl class="measures measures-head">
          <Fact name={store.endings.length < MAX_KEPT ? 'Endings' : 'Latest endings'}>
            {count(endings.length)}
          </Fact>
          <Fact name="One bar is">{widthWords(buckets.width)}</Fact>
        </dl>
      </header>
      {endings.length === 0 ? (
        <p class="empty">Nothing has ended yet.</p>
      ) : (
        <div class="reasons">
          <Bars buckets={buckets} began={began} onPick={show} />
          <States buckets={buckets} endings={endings} onPick={show} />
          <Numbers buckets={buckets} began={began} />
        </div>
      )}
    </section>
  );
}

/** Endings that the store keeps: whoever sees so many does not see all. */
const MAX_KEPT = 1_000;

/** Of the drawing, in px. */
const SIZE = { height: 250, left: 34, bottom: 22, top: 8 };

/** Width until it is known, in px. */
const USUAL_WIDTH = 1_200;

/** Between two times below the bars, in px. */
const LABEL_STEP = 130;

type Picked = (state: string) => void;

function Bars({
  buckets: { buckets, states, most, width },
  began,
  onPick,
}: {
  readonly buckets: Buckets;
  readonly began: number;
  readonly onPick: Picked;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const across = useWidth(frame);
  const high = SIZE.height - SIZE.bottom - SIZE.top;
  const step = (across - SIZE.left) / buckets.length;
  const bar = Math.min(Math.max(1, step - Math.min(3, step / 4)), 40);
  const scale = ceiling(most);
  const every = Math.max(1, Math.ceil(LABEL_STEP / step));
  return (
    <figure class="reason-bars">
      <div ref={frame}>
        <svg width={across} height={SIZE.height} aria-hidden="true">
          {[0, 0.5, 1].map((part) => (
            <g key={part} class="grid">
              <line
                x1={SIZE.left}
                x2={across}
                y1={SIZE.top + high * (1 - part)}
                y2={SIZE.top + high * (1 - part)}
              />
              {(part * scale) % 1 === 0 && (
                <text x={SIZE.left - 6} y={SIZE.top + high * (1 - part) + 4} text-anchor="end">
                  {count(part * scale)}
                </text>
              )}
            </g>
          ))}
          {buckets.map((bucket, place) => {
            const x = SIZE.left + place * step + (step - bar) / 2;
            let y = SIZE.top + high;
            return (
              <g key={bucket.from}>
                {bucket.counts.map(([state, number]) => {
                  const size = (number / scale) * high;
                  y -= size;
                  return (
                    // biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; the table below is for the keys
                    <rect
                      key={state}
                      class={colourOf(states, state)}
                      x={x}
                      y={y}
                      width={bar}
                      height={size}
                      onClick={() => onPick(state)}
                    >
                      <title>{`${number} × ${state}\n${whenOf(bucket, width, began)}`}</title>
                    </rect>
                  );
                })}
                {place % every === 0 && (
                  <text
                    x={x + bar / 2}
                    y={SIZE.height - 6}
                    text-anchor={place === 0 ? 'start' : 'middle'}
                  >
                    {labelOf(bucket, began)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      <figcaption>
        Endings in every {widthWords(width)}, by the state that says why. Click a part to see them.
      </figcaption>
    </figure>
  );
}

function useWidth(frame: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(USUAL_WIDTH);
  useEffect(() => {
    const element = frame.current!;
    const watch = new ResizeObserver(() => setWidth(Math.max(200, element.clientWidth)));
    watch.observe(element);
    return () => watch.disconnect();
  }, [frame]);
  return width;
}

/** The next round number. */
function ceiling(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return (
    [1, 2, 3, 4, 6, 8, 10].map((times) => times * power).find((each) => each >= most) ?? 10 * power
  );
}

const colourOf = (states: Buckets['states'], state: string): string =>
  state === OTHERS ? 'colour-others' : `colour-${states.findIndex(([name]) => name === state)}`;

const labelOf = ({ from }: Bucket, began: number): string =>
  Number.isFinite(began) ? clock(began + from) : `+${duration(from)}`;

const whenOf = (bucket: Bucket, width: number, began: number): string =>
  `from ${labelOf(bucket, began)}, ${widthWords(width)}`;

/** What each colour is, how often, and what the latest one means. */
function States({
  buckets: { states },
  endings,
  onPick,
}: {
  readonly buckets: Buckets;
  readonly endings: readonly Ending[];
  readonly onPick: Picked;
}) {
  const latest = new Map(endings.map((ending) => [ending.state, ending]));
  return (
    <div class="table-frame">
      <table class="data reasons-table">
        <caption class="only-read-aloud">Reasons, the most frequent first</caption>
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col" class="number">
              Count
            </th>
            <th scope="col" class="number">
              Share
            </th>
            <th scope="col">What it means, and what to do (of the latest one)</th>
          </tr>
        </thead>
        <tbody>
          {states.map(([state, number]) => (
            <tr
              key={state}
              class={state === OTHERS ? '' : 'pickable'}
              onClick={() => onPick(state)}
            >
              <th scope="row">
                <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                  <rect class={colourOf(states, state)} width="10" height="10" rx="2" />
                </svg>
                {state === OTHERS ? (
                  'all others'
                ) : (
                  <button type="button" class="plain">
                    {state}
                  </button>
                )}
              </th>
              <td class="number">{count(number)}</td>
              <td class="number">{percent(number, endings.length)}</td>
              <td class="wraps">
                {latest.get(state)?.explanation.verdict}{' '}
                <span class="muted-words">{latest.get(state)?.explanation.remedy}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function percent(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return share < 1 ? '< 1 %' : `${Math.round(share)} %`;
}

function Numbers({
  buckets: { buckets, states, width },
  began,
}: {
  readonly buckets: Buckets;
  readonly began: number;
}) {
  const busy = buckets.filter(({ total }) => total > 0);
  return (
    <details class="bars-table">
      <summary>The bars as a table</summary>
      <div class="table-frame">
        <table class="data">
          <caption class="only-read-aloud">Endings by time and reason</caption>
          <thead>
            <tr>
              <th scope="col">From, {widthWords(width)} each</th>
              {states.map(([state]) => (
                <th scope="col" class="number" key={state}>
                  {state}
                </th>
              ))}
              <th scope="col" class="number">
                All
              </th>
            </tr>
          </thead>
          <tbody>
            {busy.map((bucket) => (
              <tr key={bucket.from}>
                <th scope="row">{labelOf(bucket, began)}</th>
                {states.map(([state]) => (
                  <td class="number" key={state}>
                    {bucket.counts.find(([name]) => name === state)?.[1] ?? 0}
                  </td>
                ))}
                <td class="number">{bucket.total}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
