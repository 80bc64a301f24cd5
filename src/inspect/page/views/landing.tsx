/** The first tab: the diagnosis, the way of connections with live counts, and why connections end. */
import { useHeldRows } from '../base/held-rows.tsx';
import { usePage } from '../base/page-context.tsx';
import { MACHINES } from '../chart/charts.ts';
import { count } from '../model/amounts.ts';
import { amount, duration } from '../model/durations.ts';
import { STAGES, type Stage, stageCounts } from '../model/pipeline.ts';
import { type Reason, reasonsOf } from '../model/reasons.ts';
import { serverPhase, shortMachine, shortState, stateWords } from '../model/state-words.ts';
import type { Store } from '../model/store.ts';
import { tablesOf } from '../model/tables.ts';
import { Ago } from './ago.tsx';
import { PartTitle } from './fact.tsx';

/** Endings that are explained. */
const TOP = 3;

export function Landing() {
  return (
    <section class="view landing" aria-label="Overview">
      <h2 class="only-read-aloud">Overview</h2>
      <Diagnosed />
      <Pipeline />
      <TopEndings />
      <Charts />
    </section>
  );
}

const SIGNS = { good: '✓', waiting: '…', bad: '!' } as const;

/** Where the next look goes, by case. */
const NEXT: Readonly<Record<string, readonly [tab: string, label: string]>> = {
  staticNodes: ['dials', 'Show dials'],
  searching: ['dials', 'Show dials'],
  discovery: ['discovery', 'Show discovery'],
  netRestrict: ['dials', 'Show dials'],
  othersFull: ['dials', 'Show dials'],
  uselessPeers: ['reasons', 'Show reasons'],
  allAlike: ['reasons', 'Show reasons'],
  nothingConfigured: ['peers', 'Show peers'],
  full: ['peers', 'Show peers'],
  healthy: ['peers', 'Show peers'],
};

function Diagnosed() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame
  const { is, tone, sentence, remedy } = store.diagnosis ?? recordedDiagnosis(store);
  const next = NEXT[is];
  return (
    <div class={`card diagnosis ${tone}`} role="status">
      <span class="sign" aria-hidden="true">
        {SIGNS[tone]}
      </span>
      <div>
        <p class="sentence">{sentence}</p>
        {remedy !== '' && (
          <p class="remedy">
            <b>What to do</b> {remedy}
          </p>
        )}
      </div>
      {next && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            session.tab.value = next[0];
          }}
        >
          {next[1]}
        </button>
      )}
    </div>
  );
}

/** A recording has no diagnosis: it says what it contains. */
function recordedDiagnosis(store: Store): NonNullable<Store['diagnosis']> {
  if (!store.about)
    return { is: 'notRunning', tone: 'waiting', sentence: 'Waiting for data.', remedy: '' };
  const { peer, live, ended } = stageCounts(store);
  const server = tablesOf(store).server;
  const sentence = `At ${duration(store.now)} of the recording${server ? ` the node is ${stateWords(server.state)}` : ''}: ${amount(peer)} ${peer === 1 ? 'peer' : 'peers'}, ${amount(live - peer)} pending, ${amount(ended)} ended.`;
  return { is: 'healthy', tone: 'waiting', sentence, remedy: '' };
}

function Pipeline() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame
  const counts = stageCounts(store);
  const { server } = tablesOf(store);
  const endings = reasonsOf(store, 'all').reduce((sum, reason) => sum + reason.count, 0);
  const show = (stage: Stage | null, machine: string): void => {
    session.select(null);
    session.machine.value = machine;
    session.show(stage === null ? '' : `stage:${stage}`, stage === null ? 'ended' : 'live');
  };
  return (
    <div class="card">
      <PartTitle count={`${amount(counts.live)} live`}>Connections by stage</PartTitle>
      <ol class="pipeline">
        {STAGES.map(({ stage, label, about, machine }) => (
          <li key={stage}>
            <button
              type="button"
              class={counts[stage] > 0 ? `stage in-${stage}` : `stage none in-${stage}`}
              title={`${about}: list them and open their chart`}
              onClick={() => show(stage, machine)}
            >
              <b>{amount(counts[stage])}</b>
              {stage === 'peer' && server?.maxPeers != null && (
                <small> / {count(server.maxPeers)}</small>
              )}
              <span>{label}</span>
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            class="stage in-ended"
            title="ended since the start of the recorder: list the latest"
            onClick={() => show(null, 'connection-setup')}
          >
            <b>{amount(endings)}</b>
            <span>Ended{counts.closing > 0 && `, ${amount(counts.closing)} closing`}</span>
          </button>
        </li>
      </ol>
    </div>
  );
}

function TopEndings() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame
  const reasons = reasonsOf(store, 'all').filter(({ isBad }) => isBad);
  const { rows, listeners } = useHeldRows(reasons.slice(0, TOP), keyOf, 'top');
  return (
    <div class="top-endings" {...listeners}>
      <PartTitle
        tools={
          <button
            type="button"
            class="quiet"
            onClick={() => {
              session.tab.value = 'reasons';
            }}
          >
            All reasons over time
          </button>
        }
      >
        Most frequent endings
      </PartTitle>
      {rows.length === 0 ? (
        <p class="card empty">No connection was rejected, refused or failed yet.</p>
      ) : (
        <ol class="cards thirds">
          {rows.map((reason) => (
            <EndingCard key={keyOf(reason)} reason={reason} />
          ))}
        </ol>
      )}
    </div>
  );
}

const keyOf = ({ machine, state }: Reason): string => `${machine} ${state}`;

function EndingCard({ reason }: { readonly reason: Reason }) {
  const { session } = usePage();
  const { state, count: number, whose, latest } = reason;
  return (
    <li class="card ending-card">
      <header>
        <h3>
          <button
            type="button"
            class="plain"
            title={state}
            onClick={() => session.show(`reason:${state}`, 'ended')}
          >
            <span aria-hidden="true">✕ </span>
            {shortState(state)}
          </button>
        </h3>
        <span class="whose">{whose}</span>
        <b>{amount(number)}</b>
      </header>
      {latest && (
        <>
          <p>{latest.explanation.verdict}</p>
          <p class="remedy">
            <b>What to do</b> {latest.explanation.remedy}
          </p>
          <p class="whose">
            latest <Ago at={latest.at} />
          </p>
        </>
      )}
    </li>
  );
}

/** Every chart, with the state of a single actor or the number of running ones. */
function Charts() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame
  return (
    <div class="card">
      <PartTitle>Charts</PartTitle>
      <ul class="chart-links">
        {MACHINES.map((machine) => (
          <li key={machine}>
            <button
              type="button"
              onClick={() => {
                session.select(null);
                session.machine.value = machine;
                session.show('', 'live');
              }}
            >
              <b>{shortMachine(machine)}</b>
              <span>{runningWords(store, machine)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function runningWords(store: Store, machine: string): string {
  const running = [...store.actors.values()].filter(
    (actor) => actor.machine === machine && actor.status === 'active',
  );
  const [first] = running;
  if (!first) return 'none running';
  if (SINGLE.includes(machine)) return stateWords(serverPhase(first.state)).split(' · ')[0]!;
  return `${amount(running.length)} running`;
}

/** Machines with one actor. */
const SINGLE: readonly string[] = ['server', 'listener', 'dial-scheduler'];
