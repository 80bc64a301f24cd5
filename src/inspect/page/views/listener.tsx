/** The listener: its handshake slots as a strip of cells, and their connections. */
import { useSignal } from '@preact/signals';
import { usePage } from '../base/page-context.tsx';
import { StateChip } from '../base/state-chip.tsx';
import { count, UNKNOWN } from '../model/amounts.ts';
import { type Attempt, beganAt, identityOf, stateOf } from '../model/attempts.ts';
import { duration } from '../model/durations.ts';
import { type Tone, toneOf } from '../model/state-words.ts';
import { tablesOf } from '../model/tables.ts';
import { ChartLink } from './chart-link.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { Fact, PartTitle, Share, StateWords } from './fact.tsx';

export function Listener() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame
  const looked = useSignal<number | null>(null);
  const { listener } = tablesOf(store);
  if (!listener) return <p class="empty">Not listening.</p>;
  const { state, address, slots, slotsTotal, used, turnedAway } = listener;
  const holder = looked.value === null ? null : (slots[looked.value] ?? null);
  const attempt = holder === null ? undefined : store.attempts.get(holder);
  return (
    <section class="view" aria-label="Listener">
      <header class="view-head">
        <h2>Listener</h2>
        <p>
          <StateWords state={state} />
        </p>
        <ChartLink machine="listener" />
      </header>
      <dl class="measures measures-row">
        <Fact name="Address">
          <code>{address ?? UNKNOWN}</code>
        </Fact>
        <Fact name="Slots in use">
          {used} {slotsTotal !== null && <small>of {count(slotsTotal)}</small>}
          <Share used={used} of={slotsTotal} />
        </Fact>
        <Fact name="Rejected before a slot, since start" note="closed without sending a byte">
          {count(turnedAway)}
        </Fact>
      </dl>
      <div class="card">
        <PartTitle count={slotsTotal === null ? `${used} in use` : count(slotsTotal)}>
          Slots
        </PartTitle>
        <ul class={`slots ${slots.length > 128 ? 'is-dense' : ''}`}>
          {slots.map((number, slot) => (
            <li key={slot}>
              <Slot
                slot={slot}
                attempt={number === null ? undefined : store.attempts.get(number)}
                isHeld={number !== null}
                now={store.now}
                onLook={() => {
                  looked.value = slot;
                }}
                onPick={() => {
                  session.select(number);
                  session.tab.value = 'connections';
                }}
              />
            </li>
          ))}
        </ul>
        <p class="slot-words">
          {looked.value === null
            ? 'Point at a slot to see its connection.'
            : attempt
              ? `Slot ${looked.value}: ${wordsOf(attempt, store.now)}`
              : `Slot ${looked.value} is ${holder === null ? 'free' : `in use by connection ${holder}`}.`}
        </p>
        <Legend />
      </div>
      <Holders holders={slots} />
    </section>
  );
}

type Holder = { readonly slot: number; readonly attempt: Attempt };

/** The same as a table, oldest first: long handshakes stand out. */
function Holders({ holders }: { readonly holders: readonly (string | null)[] }) {
  const { store, session } = usePage();
  const lines = holders.flatMap((key, slot): readonly Holder[] => {
    const attempt = key === null ? undefined : store.attempts.get(key);
    return attempt ? [{ slot, attempt }] : [];
  });
  return (
    <DataTable
      caption="Connections that hold a slot"
      columns={columnsAt(store.now)}
      lines={lines}
      keyOf={({ slot }) => `${slot}`}
      first={{ by: 'age', isDown: true }}
      onPick={({ attempt }) =>
        () => {
          session.select(attempt.key);
          session.tab.value = 'connections';
        }}
      empty="No handshakes in progress."
    />
  );
}

const columnsAt = (now: number): readonly Column<Holder>[] => [
  {
    id: 'remote',
    label: 'Address',
    value: ({ attempt }) => identityOf(attempt).remote,
    cell: ({ attempt }) => <code>{identityOf(attempt).remote || `#${attempt.key}`}</code>,
  },
  { id: 'slot', label: 'Slot', isNumber: true, value: ({ slot }) => slot },
  {
    id: 'state',
    label: 'State',
    value: ({ attempt }) => stateOf(attempt),
    cell: ({ attempt }) => <StateChip machine="connection-setup" state={stateOf(attempt)} />,
  },
  {
    id: 'client',
    label: 'Client',
    value: ({ attempt }) => identityOf(attempt).client || null,
    cell: ({ attempt }) => identityOf(attempt).client || UNKNOWN,
  },
  {
    id: 'age',
    label: 'Age',
    isNumber: true,
    value: ({ attempt }) => now - beganAt(attempt),
    cell: ({ attempt }) => duration(now - beganAt(attempt)),
  },
];

/** Phases of a handshake, in order. The classes are in listener.css. */
const TONES: readonly (readonly [Tone, string])[] = [
  ['handshake', 'encryption handshake'],
  ['hello', 'Hello exchange'],
  ['check', 'checkpoint'],
  ['bad', 'rejected, refused or failed'],
];

const wordsOf = (attempt: Attempt, now: number): string => {
  const { remote } = identityOf(attempt);
  return `${remote || 'unknown address'}, ${stateOf(attempt)}, for ${duration(now - beganAt(attempt))}`;
};

function Slot({
  slot,
  attempt,
  isHeld,
  now,
  onLook,
  onPick,
}: {
  readonly slot: number;
  readonly attempt: Attempt | undefined;
  readonly isHeld: boolean;
  readonly now: number;
  onLook(): void;
  onPick(): void;
}) {
  const tone = attempt
    ? `tone-${toneOf('connection-setup', stateOf(attempt))}`
    : isHeld
      ? 'held'
      : 'free';
  const words = attempt ? wordsOf(attempt, now) : isHeld ? 'in use' : 'free';
  return (
    <button
      type="button"
      class={`slot ${tone}`}
      aria-label={`Slot ${slot}: ${words}`}
      aria-disabled={!isHeld}
      onMouseEnter={onLook}
      onFocus={onLook}
      onClick={isHeld ? onPick : undefined}
    >
      {slot}
    </button>
  );
}

function Legend() {
  return (
    <ul class="slot-legend">
      <li>
        <span class="slot free" aria-hidden="true" /> free
      </li>
      {TONES.map(([tone, words]) => (
        <li key={tone}>
          <span class={`slot tone-${tone}`} aria-hidden="true" /> {words}
        </li>
      ))}
    </ul>
  );
}
