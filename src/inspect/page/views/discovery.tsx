/** Discovery: whether it works, the table by bucket, proofs or sessions, lookups with their path, our record, and packets. */
import { useSignal } from '@preact/signals';
import type { DiscoveryView } from '../../discovery-protocol.ts';
import { usePage } from '../base/page-context.tsx';
import { count, UNKNOWN } from '../model/amounts.ts';
import {
  type Discovery as DiscoveryData,
  discoveryOf,
  regionsOf,
  tableCounts,
  type Version,
} from '../model/discovery.ts';
import { duration } from '../model/durations.ts';
import { ChartLink } from './chart-link.tsx';
import { LocalRecord, Lookups, Packets, Proofs, Sessions } from './discovery-cards.tsx';
import { DiscoveryTable } from './discovery-table.tsx';
import { Fact, PartTitle } from './fact.tsx';
import { NodeLists } from './node-lists.tsx';
import { Reachability } from './reachability.tsx';

const SIGNS = { good: '✓', waiting: '…', bad: '!' } as const;

export function Discovery() {
  const { store } = usePage();
  store.changed.value; // drawn again with each frame
  const bucket = useSignal<number | null>(null);
  const wanted = useSignal<Version | null>(null);
  const discovery = discoveryOf(store, wanted.value);
  const { status, state, view, version, versions } = discovery;
  return (
    <section class="view" aria-label="Discovery">
      <header class="view-head">
        <h2>Discovery</h2>
        {state !== null && (
          <>
            <p>
              <span class="state-word" title={state}>
                {state.split('.')[0]}
              </span>
            </p>
            <ChartLink machine="table-maintenance" />
          </>
        )}
        {versions.length > 1 && (
          <fieldset class="choice">
            <legend class="only-read-aloud">Version of Node Discovery</legend>
            {versions.map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={one === version}
                onClick={() => {
                  wanted.value = one;
                  bucket.value = null;
                }}
              >
                {one}
              </button>
            ))}
          </fieldset>
        )}
      </header>
      <div class={`card diagnosis ${status.tone}`} role="status">
        <span class="sign" aria-hidden="true">
          {SIGNS[status.tone]}
        </span>
        <div>
          <p class="sentence">{status.sentence}</p>
          {status.remedy !== '' && (
            <p class="remedy">
              <b>What to do</b> {status.remedy}
            </p>
          )}
        </div>
      </div>
      {view && <Numbers view={view} />}
      {view && <DiscoveryTable view={view} bucket={bucket} />}
      {(view || discovery.localNode || discovery.mapper || discovery.lists.length > 0) && (
        <div class="cards">
          {view && state !== null && <Upkeep discovery={discovery} state={state} view={view} />}
          {discovery.lists.length > 0 && <NodeLists lists={discovery.lists} />}
          {(view || discovery.lookupsTotal > 0) && (
            <>
              {version === 'v4' ? (
                <Proofs proofs={discovery.proofs} total={discovery.proofsTotal} />
              ) : (
                <Sessions sessions={discovery.sessions} total={discovery.sessionsTotal} />
              )}
              <Lookups lookups={discovery.lookups} total={discovery.lookupsTotal} />
            </>
          )}
          {view?.packets && <Packets packets={view.packets} />}
          <Reachability mapper={discovery.mapper} />
          <LocalRecord record={discovery.localNode} />
        </div>
      )}
    </section>
  );
}

function Numbers({ view }: { readonly view: DiscoveryView }) {
  const { entries, live, replacements } = tableCounts(view);
  const { packets } = view;
  const refused = packets?.refused.reduce((sum, { count: times }) => sum + times, 0) ?? null;
  const sent = packets?.byType.reduce((sum, type) => sum + type.sent, 0) ?? null;
  return (
    <dl class="measures measures-row">
      <Fact name="Nodes in the table" note={`and ${count(replacements)} that wait for a place`}>
        {count(entries)}
      </Fact>
      <Fact name="Live" note="answered a check; told to others">
        {count(live)} <small>of {count(entries)}</small>
      </Fact>
      <Fact name="Packets in">{count(packets?.datagramsIn ?? null)}</Fact>
      <Fact name="Packets out">{count(sent)}</Fact>
      <Fact name="Refused" note="led to no answer and no entry">
        {count(refused)}
      </Fact>
    </dl>
  );
}

/** States of the refresh region, for people. */
const REFRESH: Readonly<Record<string, string>> = {
  seeding: 'asking the store for nodes',
  beginning: 'beginning',
  lookingUp: 'a lookup is under way',
  lookedUp: 'a lookup has ended',
  resting: 'waiting for the next refresh',
  retrying: 'no node answers: trying again soon',
};

const CHECKS: Readonly<Record<string, string>> = {
  idle: 'nothing to check',
  pausing: 'pausing before the next check',
};

/** How the table is kept: refreshes, and the checks of both lists. */
function Upkeep({
  discovery: { lookups },
  state,
  view,
}: {
  readonly discovery: DiscoveryData;
  readonly view: DiscoveryView;
  readonly state: string;
}) {
  const { refresh, fast, slow } = regionsOf(state);
  const counts = tableCounts(view);
  const { refreshes, unanswered, lookupsLeft, pauses } = view;
  const running = lookups.filter(({ endedAt }) => endedAt === null).length;
  return (
    <div class="card">
      <PartTitle>Refresh and checks</PartTitle>
      <dl class="measures">
        <Fact
          name="Refresh"
          note={
            refresh === 'lookingUp'
              ? `${count(running)} running, ${count(lookupsLeft)} to come`
              : refresh === 'resting'
                ? `${duration(pauses.refresh)} after the last one`
                : undefined
          }
        >
          {REFRESH[refresh] ?? UNKNOWN}
        </Fact>
        <Fact
          name="Refreshes"
          note={unanswered > 0 ? `no node answered the last ${count(unanswered)}` : undefined}
        >
          {count(refreshes)}
        </Fact>
        <Fact name="Fast list: new nodes, and failed checks" note={CHECKS[fast]}>
          {count(counts.fast)}
        </Fact>
        <Fact name="Slow list: nodes that answered" note={CHECKS[slow]}>
          {count(counts.slow)}
        </Fact>
        <Fact name="Checks under way">{count(counts.checked)}</Fact>
      </dl>
    </div>
  );
}
