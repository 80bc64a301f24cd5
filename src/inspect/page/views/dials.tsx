/** The dial scheduler: running dials, the queue, static nodes, and nodes that wait, with the reason and the time left. */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { DialEntry, DialledNode, DialsView } from '../../protocol.ts';
import { useHeldRows, WaitingRows } from '../base/held-rows.tsx';
import { usePage } from '../base/page-context.tsx';
import { StateChip } from '../base/state-chip.tsx';
import { nowOf } from '../base/store-clock.ts';
import { ago } from '../model/ago.ts';
import { count, countdown, shortId } from '../model/amounts.ts';
import { identityOf } from '../model/attempts.ts';
import { dialOf, tablesOf } from '../model/tables.ts';
import { timeOfDay } from './ago.tsx';
import { ChartLink } from './chart-link.tsx';
import { DirectionWord, Fact, PartTitle, Share, StateWords } from './fact.tsx';

/** States of a static node, for people. */
const STATIC_WORDS: Readonly<Record<DialsView['statics'][number]['status'], string>> = {
  connected: 'connected',
  dialling: 'being dialled',
  queued: 'queued',
  waiting: 'waiting',
  heldBack: 'no place for it',
  ready: 'ready to dial',
};

export function Dials() {
  const { store } = usePage();
  store.changed.value; // drawn again with each frame
  const { dials, dialling, scheduler } = tablesOf(store);
  const passed = useAgeOf(dials);
  if (scheduler === null && dialling.length === 0)
    return <p class="empty">Not dialling: this node has no dial scheduler.</p>;
  return (
    <section class="view" aria-label="Dials">
      <header class="view-head">
        <h2>Dials</h2>
        <p>
          <StateWords state={scheduler ?? ''} />
        </p>
        <ChartLink machine="dial-scheduler" />
      </header>
      <Room dials={dials} running={dialling.length} />
      {dials?.heldBack && (
        <p class="held-back" role="status">
          {dials.heldBack.verdict} {dials.heldBack.remedy}
        </p>
      )}
      <div class="cards">
        <Part title="Being dialled" items={dialling} empty="No dials in progress.">
          {(line) => <Running line={line} />}
        </Part>
        {dials && <Plans dials={dials} passed={passed} />}
      </div>
      {!dials && (
        <p class="hint">
          Recordings do not contain the dial queue, the dial history or the static nodes.
        </p>
      )}
    </section>
  );
}

/**
 * Age of a value of the server in ms, so that countdowns continue between two frames. It stops while the page is not
 * live.
 */
function useAgeOf(value: object | null): number {
  const { session } = usePage();
  const seen = useRef<{ value: object | null; at: number; age: number }>({ value, at: 0, age: 0 });
  session.seconds.value; // drawn again each second
  const now = performance.now();
  if (seen.current.value !== value || seen.current.at === 0)
    seen.current = { value, at: now, age: 0 };
  if (session.connectivity.value === 'live') seen.current.age = now - seen.current.at;
  return seen.current.age;
}

function Room({ dials, running }: { readonly dials: DialsView | null; readonly running: number }) {
  const atOnce = (of: number | null) => (
    <Fact name="Dials in progress">
      {running} {of !== null && <small>of {count(of)}</small>}
      <Share used={running} of={of} />
    </Fact>
  );
  if (!dials) return <dl class="measures measures-row">{atOnce(null)}</dl>;
  const { maxRunning, dialled, maxDialled, queuedTotal, historyTotal, staticsTotal } = dials;
  return (
    <dl class="measures measures-row">
      {atOnce(maxRunning)}
      <Fact name="Peers we dialled">
        {count(dialled)} <small>of {count(maxDialled)}</small>
        <Share used={dialled} of={maxDialled} />
      </Fact>
      <Fact name="Queued">{count(queuedTotal)}</Fact>
      <Fact name="Cooling down">{count(historyTotal)}</Fact>
      <Fact name="Static nodes">{count(staticsTotal)}</Fact>
    </dl>
  );
}

/** @param passed ms since the server sent it. */
function Plans({ dials, passed }: { readonly dials: DialsView; readonly passed: number }) {
  const { queued, queuedTotal, history, historyTotal, statics, staticsTotal } = dials;
  const longest = Math.max(1, ...history.map(({ msLeft }) => msLeft));
  return (
    <>
      <Part title="Queue" items={queued} of={queuedTotal} empty="Dial queue is empty.">
        {(line) => <Dialled line={line} />}
      </Part>
      <Part
        title="Static nodes"
        items={statics}
        of={staticsTotal}
        empty="No static nodes. Add one with addPeer."
      >
        {({ id, remote, last, status: is, msLeft }) => (
          <>
            <Node id={id} remote={remote} last={last} passed={passed} />
            <span class={`doing ${is}`}>
              {STATIC_WORDS[is]}
              {msLeft !== null && `, next dial in ${countdown(msLeft - passed)}`}
            </span>
          </>
        )}
      </Part>
      <Part title="Cooling down" items={history} of={historyTotal} empty="No node is cooling down.">
        {({ id, remote, last, msLeft, because }) => {
          const left = Math.max(0, msLeft - passed);
          return (
            <>
              <Node
                id={id}
                remote={remote}
                {...(because === null ? { last } : { waits: `left alone: ${because}` })}
                passed={passed}
              />
              <span class="left">
                <Share used={left} of={longest} />
                <span>{left > 0 ? `next dial in ${countdown(left)}` : 'ready to dial'}</span>
              </span>
            </>
          );
        }}
      </Part>
    </>
  );
}

const idOf = ({ id }: { readonly id: string }): string => id;

/** A list with its length, or a text when it is empty. */
function Part<Item extends { readonly id: string }>({
  title,
  items,
  of,
  empty,
  children,
}: {
  readonly title: string;
  readonly items: readonly Item[];
  /** Full length, if the list was cut. */
  readonly of?: number;
  readonly empty: string;
  children(item: Item): ComponentChildren;
}) {
  const all = of ?? items.length;
  const { rows, waiting, listeners, release } = useHeldRows(items, idOf, title);
  return (
    <div class="card" {...listeners}>
      <PartTitle count={count(all)}>{title}</PartTitle>
      <WaitingRows waiting={waiting} release={release} />
      {rows.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <ul class="lines">
          {rows.map((item) => (
            <li key={item.id}>{children(item)}</li>
          ))}
        </ul>
      )}
      {all > items.length && <p class="more">and {count(all - items.length)} more</p>}
    </div>
  );
}

function Dialled({ line: { id, remote, direction } }: { readonly line: DialEntry }) {
  return (
    <>
      <Node id={id} remote={remote} />
      <DirectionWord direction={direction} />
    </>
  );
}

/** With the address and the state of the dial. */
function Running({ line: { id, remote, direction } }: { readonly line: DialEntry }) {
  const { store } = usePage();
  const attempt = dialOf(store, id);
  return (
    <>
      <span class="running">
        <Node id={id} remote={(attempt && identityOf(attempt).remote) || remote} />
      </span>
      <span class="running-state">
        {attempt?.dial && <StateChip machine="dial-task" state={attempt.dial.state} />}{' '}
        <DirectionWord direction={direction} />
      </span>
    </>
  );
}

/** Id, address and last result; a link to the dial while it runs. */
function Node({
  id,
  remote,
  last = null,
  waits = '',
  passed = 0,
}: {
  readonly id: string;
  readonly remote: string;
  readonly last?: DialledNode['last'];
  /** Why it waits, in place of its last result. */
  readonly waits?: string;
  /** ms since the server sent it. */
  readonly passed?: number;
}) {
  const { store, session } = usePage();
  const attempt = dialOf(store, id);
  const words = <code title={id}>{shortId(id)}</code>;
  return (
    <span class="dialled-node">
      {attempt ? (
        <button
          type="button"
          class="plain"
          onClick={() => {
            session.select(attempt.key);
            session.tab.value = 'connections';
          }}
        >
          {words}
        </button>
      ) : (
        words
      )}{' '}
      <span class="remote">{remote}</span>
      {waits !== '' && <small>{waits}</small>}
      {last && (
        <small
          title={`${last.state}, at ${timeOfDay(store, nowOf(store, session) - last.msAgo - passed)}`}
        >
          {last.did} {ago(last.msAgo + passed)}
          {last.why && `: ${last.why}`}
        </small>
      )}
    </span>
  );
}
