/** The list of connections and dials, live or ended, filtered. */
import { useHeldRows, WaitingRows } from '../base/held-rows.tsx';
import { usePage } from '../base/page-context.tsx';
import { DirectionMark, StateChip } from '../base/state-chip.tsx';
import { nowOf } from '../base/store-clock.ts';
import { ago } from '../model/ago.ts';
import { type ConnectionRow, connectionRows, rowOf } from '../model/connection-rows.ts';
import { duration } from '../model/durations.ts';
import { readFilter, type Term, without } from '../model/filter.ts';
import { timeOfDay } from '../views/ago.tsx';
import { VirtualList } from './virtual-list.tsx';

/** In px; see `.connections .row`. */
const ROW_HEIGHT = 46;

const LISTS = [
  ['live', 'Live'],
  ['ended', 'Ended'],
] as const;

const keyOf = ({ attempt }: ConnectionRow): string => attempt.key;

export function ConnectionList() {
  const { store, session } = usePage();
  store.changed.value;
  session.seconds.value;
  const list = session.list.value;
  const terms = readFilter(session.filter.value);
  const now = nowOf(store, session);
  const { rows: fitting, ...counts } = connectionRows(store, list, terms, now);
  const { rows, waiting, listeners, release } = useHeldRows(
    fitting,
    keyOf,
    `${list} ${session.filter.value}`,
    (key) => {
      const attempt = store.attempts.get(key);
      return attempt && rowOf(attempt);
    },
  );
  const chosen = rows.findIndex(({ attempt }) => attempt.key === session.selected.value);
  return (
    <section class="connections" aria-label="Connections" {...listeners}>
      <fieldset class="lists" aria-label="Which connections">
        {LISTS.map(([id, label]) => (
          <button
            key={id}
            type="button"
            aria-pressed={list === id}
            onClick={() => {
              session.list.value = id;
            }}
          >
            {label} <b>{counts[id].toLocaleString('en')}</b>
          </button>
        ))}
      </fieldset>
      <FilterField terms={terms} hits={fitting.length} />
      <WaitingRows waiting={waiting} release={release} />
      <VirtualList
        id="connections"
        label={list === 'live' ? 'Live connections' : 'Ended connections'}
        items={rows}
        rowHeight={ROW_HEIGHT}
        keyOf={keyOf}
        chosen={chosen}
        onChoose={({ attempt }) => session.select(attempt.key)}
        row={(row) => <Line row={row} now={now} />}
        empty={<Nothing list={list} isFiltered={terms.length > 0} />}
      />
    </section>
  );
}

function Line({ row, now }: { readonly row: ConnectionRow; readonly now: number }) {
  const { store } = usePage();
  const { attempt, identity, machine, state, beganAt, endedAt } = row;
  const what = attempt.key.startsWith('d')
    ? 'dialled'
    : endedAt === null
      ? 'no Hello yet'
      : 'no Hello';
  return (
    <>
      <DirectionMark direction={identity.direction} />
      <span class="remote">{identity.remote || shortId(identity.id) || `#${attempt.key}`}</span>
      {endedAt === null ? (
        <span class="age" title={`since ${timeOfDay(store, beganAt)}`}>
          {duration(now - beganAt)}
        </span>
      ) : (
        <span
          class="age"
          title={`ended at ${timeOfDay(store, endedAt)}, after ${duration(endedAt - beganAt)}`}
        >
          {ago(now - endedAt)}
        </span>
      )}
      <span class="second">
        <span class={identity.client ? 'client' : 'client none'}>{identity.client || what}</span>
        <StateChip machine={machine} state={state} />
      </span>
    </>
  );
}

function FilterField({ terms, hits }: { readonly terms: readonly Term[]; readonly hits: number }) {
  const { session } = usePage();
  const shown = terms.filter(({ key, isBad }) => key !== 'text' || isBad);
  return (
    <div class="filter">
      <div class="field">
        <input
          id="filter"
          type="search"
          placeholder="Filter: state:running dir:in age:>2m"
          aria-label="Filter connections"
          aria-describedby="hits"
          autocomplete="off"
          spellcheck={false}
          value={session.filter.value}
          onInput={(event) => {
            session.filter.value = event.currentTarget.value;
          }}
        />
        <output id="hits" title="Matching connections">
          {hits.toLocaleString('en')}
        </output>
      </div>
      {shown.length > 0 && (
        <ul class="terms" aria-label="Filter terms">
          {shown.map((term) => (
            <li key={term.text} class={term.isBad ? 'term wrong' : 'term'}>
              <span title={term.isBad ? `${term.text}: ${term.flaw}` : term.text}>
                {term.isBad && <b>? </b>}
                {term.isBad ? `${term.flaw}, ignored` : term.text}
              </span>
              <button
                type="button"
                aria-label={`Remove ${term.text}`}
                onClick={() => {
                  session.filter.value = without(session.filter.value, term);
                }}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Nothing({ list, isFiltered }: { readonly list: string; readonly isFiltered: boolean }) {
  const { store, session } = usePage();
  if (isFiltered)
    return (
      <div class="empty">
        <p>No {list} connection matches the filter.</p>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            session.filter.value = '';
          }}
        >
          Clear filter
        </button>
      </div>
    );
  if (!store.about) return <div class="empty">Waiting for data from the node.</div>;
  if (list === 'ended') return <div class="empty">No connection has ended yet.</div>;
  const listener = store.views?.listener;
  return (
    <div class="empty">
      <p>No connections yet.</p>
      {listener && (
        <p>
          The listener is {listener.state} at <code>{listener.address}</code>.
        </p>
      )}
    </div>
  );
}

export const shortId = (id: string): string => (id.length > 14 ? `${id.slice(0, 12)}…` : id);
