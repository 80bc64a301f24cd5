/** Why connections and dials ended, over time: bars by state. The same numbers are in a table below. */
import { useSignal } from '@preact/signals';
import type { Ending } from '../../protocol.ts';
import { useHeldRows, WaitingRows } from '../base/held-rows.tsx';
import { usePage } from '../base/page-context.tsx';
import { count } from '../model/amounts.ts';
import { type Buckets, bucketsOf, widthWords } from '../model/reason-buckets.ts';
import { Ago } from './ago.tsx';
import { Fact } from './fact.tsx';
import { Bars, colour, labelOf, type Picked } from './reason-bars.tsx';

/** Which endings are counted. */
const KINDS: readonly (readonly [Ending['type'] | 'all', string])[] = [
  ['all', 'All'],
  ['ended', 'Setup'],
  ['drop', 'Peers'],
  ['dialFailed', 'Dials'],
];

export function Reasons() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame
  const kind = useSignal<Ending['type'] | 'all'>('all');
  const endings = store.endings
    .filter(({ type, state }) => state !== REPEATS && (kind.value === 'all' || type === kind.value))
    .sort((a, b) => a.at - b.at);
  const buckets = bucketsOf(endings, store.now);
  const began = Date.parse(store.about?.startedAt ?? '');
  const show = (state: string): void => {
    session.show(`reason:${state}`, 'ended');
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
          <Fact name="Width of a bar">{widthWords(buckets.width)}</Fact>
        </dl>
      </header>
      {endings.length === 0 ? (
        <p class="empty">No connection has ended yet.</p>
      ) : (
        <div class="reasons">
          <Bars buckets={buckets} began={began} onPick={show} />
          <States kind={kind.value} buckets={buckets} endings={endings} onPick={show} />
          <Numbers buckets={buckets} began={began} />
        </div>
      )}
    </section>
  );
}

/** A dial that ends so repeats the ending of its connection. */
const REPEATS = 'setupFailed';

/** Endings that the store keeps: with this many, older ones are missing. */
const MAX_KEPT = 1_000;

/** Colour, count, and meaning of the latest ending of each state. */
function States({
  kind,
  buckets: { states },
  endings,
  onPick,
}: {
  readonly kind: string;
  readonly buckets: Buckets;
  readonly endings: readonly Ending[];
  readonly onPick: Picked;
}) {
  const latest = new Map(endings.map((ending) => [ending.state, ending]));
  const { rows, waiting, listeners, release } = useHeldRows(states, nameOf, kind);
  return (
    <div class="table-frame" {...listeners}>
      <WaitingRows waiting={waiting} release={release} />
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
            <th scope="col">Latest</th>
            <th scope="col">Meaning and remedy of the latest</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([state, number]) => (
            <tr key={state} class="pickable" onClick={() => onPick(state)}>
              <th scope="row">
                <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                  <rect
                    class="reason-colour"
                    ref={(node) => colour(node, state)}
                    width="10"
                    height="10"
                    rx="2"
                  />
                </svg>
                <button type="button" class="plain">
                  {state}
                </button>
              </th>
              <td class="number">{count(number)}</td>
              <td class="number">{percent(number, endings.length)}</td>
              <td>{latest.has(state) && <Ago at={latest.get(state)!.at} />}</td>
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

const nameOf = ([state]: Buckets['states'][number]): string => state;

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
