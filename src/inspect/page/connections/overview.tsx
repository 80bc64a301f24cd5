/** Shown while nothing is selected: why connections ended, and recent events. */
import { useState } from 'preact/hooks';
import { useHeldRows, WaitingRows } from '../base/held-rows.tsx';
import { usePage } from '../base/page-context.tsx';
import { amount } from '../model/durations.ts';
import type { ActorStep } from '../model/entities.ts';
import { type Fold, fold } from '../model/folding.ts';
import { type Reason, reasonsOf } from '../model/reasons.ts';
import { eventWords, isBad, shortState } from '../model/state-words.ts';
import type { Store } from '../model/store.ts';
import { timeOfDay } from '../views/ago.tsx';

/** Lines of the recent events. */
const MAX_RECENT = 40;

export function Overview() {
  const { store } = usePage();
  store.changed.value;
  const [of, setOf] = useState<'connections' | 'dials'>('connections');
  const reasons = reasonsOf(store, of);
  const total = reasons.reduce((sum, { count }) => sum + count, 0);
  return (
    <aside class="details overview" aria-label="Overview">
      <header>
        <h2>Why {of === 'dials' ? 'dials' : 'connections'} ended</h2>
        <p class="sub">{total === 0 ? 'None yet' : `${amount(total)} so far`}</p>
        <fieldset class="choice" aria-label="Kind of endings">
          {(['connections', 'dials'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={of === one} onClick={() => setOf(one)}>
              {one}
            </button>
          ))}
        </fieldset>
      </header>
      <Bars kind={of} reasons={reasons} />
      <Recent />
    </aside>
  );
}

function Bars({ kind, reasons }: { readonly kind: string; readonly reasons: readonly Reason[] }) {
  const { session } = usePage();
  const { rows, listeners } = useHeldRows(reasons, keyOf, kind);
  const most = reasons[0]?.count ?? 1;
  return (
    <ul class="bars" {...listeners}>
      {rows.map(({ state, machine, count, isBad, whose, latest }) => (
        <li key={`${machine} ${state}`}>
          <button
            type="button"
            class={isBad ? 'bad' : ''}
            title={latest ? latest.explanation.verdict : state}
            onClick={() => session.show(`reason:${state}`, 'ended')}
          >
            <span class="name">
              {isBad && <span aria-hidden="true">✕ </span>}
              {shortState(state)}
            </span>
            <span class="whose">{whose}</span>
            <b>{amount(count)}</b>
            <span class="bar" ref={(node) => setWidth(node, count / most)} />
          </button>
        </li>
      ))}
    </ul>
  );
}

const keyOf = ({ machine, state }: Reason): string => `${machine} ${state}`;

function setWidth(node: HTMLElement | null, part: number): void {
  if (node) node.style.width = `${Math.max(0.5, part * 100).toFixed(1)}%`;
}

function Recent() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame: it has no properties that change
  const folds = fold(store.log.slice(-MAX_RECENT).reverse(), isSame);
  const { rows, waiting, listeners, release } = useHeldRows(folds, sequenceOf, 'recent');
  return (
    <section class="recent" aria-label="Recent events" {...listeners}>
      <h3>
        Recent events <small>{store.log.length > 0 ? 'sample' : ''}</small>
        <WaitingRows waiting={waiting} release={release} />
      </h3>
      {rows.length === 0 && <div class="empty">No events yet.</div>}
      <ol>
        {rows.map(({ items: [step], times }) => {
          const [key, name] = whoOf(store, step);
          const bad = isBad(store.actors.get(step.actor)?.machine ?? '', step.state);
          return (
            <li key={step.sequence}>
              <button
                type="button"
                class={bad ? 'bad' : ''}
                title={timeOfDay(store, step.at)}
                onClick={() => session.select(key)}
              >
                <span class="of">{name}</span>
                <span class="event">
                  {eventWords(step.event)}
                  {times > 1 && <b class="times"> ×{times}</b>}
                </span>
                <span class="to" title={step.state}>
                  {shortState(step.state)}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

const sequenceOf = ({ items: [step] }: Fold<ActorStep>): string => `${step.sequence}`;

const isSame = (one: ActorStep, other: ActorStep): boolean =>
  one.actor === other.actor && one.event === other.event && one.state === other.state;

/** The key to select, and the name to show. */
function whoOf(store: Store, { actor }: ActorStep): readonly [key: string, name: string] {
  const attempt = store.attempts.of(actor);
  const known = store.actors.get(actor);
  const name = known?.id.replace('connection-setup', 'setup') ?? `${actor}`;
  return [attempt ? attempt.key : `a${actor}`, name];
}
