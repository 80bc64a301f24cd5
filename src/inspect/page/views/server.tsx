/** The server: limits, uptime, parts, and actions. */
import { usePage } from '../base/page-context.tsx';
import { count, UNKNOWN } from '../model/amounts.ts';
import { duration } from '../model/durations.ts';
import { tablesOf } from '../model/tables.ts';
import { ChartLink } from './chart-link.tsx';
import { CopyText } from './copy-text.tsx';
import { Fact, PartTitle, Share, StateWords } from './fact.tsx';
import { NodeActions } from './node-actions.tsx';

export function ServerView() {
  const { store } = usePage();
  store.changed.value; // drawn again with each frame
  const { about, now } = store;
  const { server } = tablesOf(store);
  if (!server) return <p class="empty">Waiting for data from the server.</p>;
  const { state, peers, maxPeers, inbound, maxInbound, trusted, loopDelay, enode } = server;
  return (
    <section class="view" aria-label="Server">
      <header class="view-head">
        <h2>Server</h2>
        <p>
          <StateWords state={state} />
        </p>
        <ChartLink machine="server" />
      </header>
      <div class="cards thirds">
        <div class="card">
          <PartTitle>Limits</PartTitle>
          <dl class="measures">
            <Fact name="Peers">
              {count(peers)} {maxPeers !== null && <small>of {count(maxPeers)}</small>}
              <Share used={peers ?? 0} of={maxPeers} />
            </Fact>
            <Fact name="Inbound peers">
              {count(inbound)} {maxInbound !== null && <small>of {count(maxInbound)}</small>}
              <Share used={inbound ?? 0} of={maxInbound} />
            </Fact>
            <Fact name="Trusted, exempt from limits">{count(trusted)}</Fact>
          </dl>
        </div>
        <div class="card">
          <PartTitle>Uptime</PartTitle>
          <dl class="measures">
            <Fact name="Observed for">{duration(now)}</Fact>
            <Fact name="Observed since">{dateOf(about?.startedAt ?? '')}</Fact>
            <Fact name="Event loop delay, p99">
              {loopDelay === null ? UNKNOWN : `${loopDelay.toFixed(1)} ms`}
            </Fact>
            <Fact name="Unhandled events">{count(store.ignored)}</Fact>
            <Fact name="Dropped updates">{count(store.skipped)}</Fact>
            {store.unseen > 0 && (
              <Fact name="Actors not recorded, limit reached">{count(store.unseen)}</Fact>
            )}
            <Fact name="peerchart">{about?.peerchart ?? UNKNOWN}</Fact>
            {about?.primitives && <Fact name="Cryptography">{about.primitives}</Fact>}
          </dl>
        </div>
        <Parts />
        <div class="card wide-card">
          <PartTitle>Enode URL</PartTitle>
          <CopyText text={enode ?? about?.node ?? ''} />
          {about?.masked && <p class="hint">Addresses and ids are masked.</p>}
        </div>
        <NodeActions />
      </div>
    </section>
  );
}

/** Listener and dial scheduler with their states. */
function Parts() {
  const { store } = usePage();
  const one = (machine: string) =>
    [...store.actors.values()].find((actor) => actor.machine === machine);
  const listener = one('listener');
  const scheduler = one('dial-scheduler');
  return (
    <div class="card">
      <PartTitle>Parts</PartTitle>
      <dl class="measures">
        <Fact name="Listener">
          {listener ? <StateWords state={listener.state} /> : 'not listening'}
        </Fact>
        <Fact name="Dial scheduler">
          {scheduler ? <StateWords state={scheduler.state} /> : 'not dialling'}
        </Fact>
        <Fact name="Running actors">
          {count([...store.actors.values()].filter(({ status }) => status === 'active').length)}
        </Fact>
      </dl>
    </div>
  );
}

/** In the time zone of the reader. */
function dateOf(began: string): string {
  const at = Date.parse(began);
  return Number.isFinite(at)
    ? new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)
    : UNKNOWN;
}
