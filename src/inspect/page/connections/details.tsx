/** The selection: identity, why it ended or its current state, and its log. */

import { usePage } from '../base/page-context.tsx';
import { DirectionMark } from '../base/state-chip.tsx';
import { nowOf } from '../base/store-clock.ts';
import { identityOf } from '../model/attempts.ts';
import { duration } from '../model/durations.ts';
import { type Story, storyOf } from '../model/story.ts';
import { PeerActions } from '../views/node-actions.tsx';
import { shortId } from './connection-list.tsx';
import { EventLog } from './event-log.tsx';
import { Waterfall } from './waterfall.tsx';
import { NowCard, PastCard, WhyCard } from './why-card.tsx';

export function Details({ selected }: { readonly selected: string }) {
  const { store, session } = usePage();
  store.changed.value;
  session.seconds.value;
  const story = storyOf(store, selected);
  if (!story) return <Evicted selected={selected} />;
  const now = nowOf(store, session);
  const at = session.step.value ?? story.steps.length - 1;
  const step = session.step.value === null ? undefined : story.steps[at];
  const ending = story.attempt?.ending;
  const over = story.endedAt !== null;
  return (
    <aside class="details" aria-label="Details of the selection">
      <button
        type="button"
        class="quiet sheet-close"
        aria-label="Close the details"
        onClick={() => session.select(null)}
      >
        ✕
      </button>
      <Head story={story} now={now} />
      {story.attempt && <PeerActions attempt={selected} />}
      {step ? (
        <PastCard story={story} step={step} at={at} />
      ) : over && ending ? (
        <WhyCard ending={ending} took={story.endedAt! - story.beganAt} />
      ) : (
        <NowCard story={story} now={now} />
      )}
      <div class="phases-in-sheet">
        <Waterfall story={story} at={at} now={now} />
      </div>
      <EventLog story={story} at={at} />
    </aside>
  );
}

function Head({ story, now }: { readonly story: Story; readonly now: number }) {
  const { attempt, actors, steps, missing } = story;
  const facts: (readonly [name: string, value: string, whole?: string])[] = [];
  const identity = attempt && identityOf(attempt);
  if (identity) {
    const { direction, id, capabilities, protocols, slot } = identity;
    facts.push(['Direction', direction ?? 'unknown']);
    if (slot !== null) facts.push(['Slot', String(slot)]);
    facts.push(['Node id', id ? shortId(id) : 'unknown', id]);
    if (protocols.length > 0) facts.push(['Protocols', protocols.join(' ')]);
    else if (capabilities.length > 0) facts.push(['Capabilities', capabilities.join(' ')]);
  }
  facts.push([
    story.endedAt === null ? 'Age' : 'Duration',
    duration((story.endedAt ?? now) - story.beganAt),
  ]);
  facts.push(['Steps', (steps.length + missing).toLocaleString('en')]);
  const title = identity ? identity.remote || shortId(identity.id) : actors[0]!.id;
  const number = attempt && !attempt.key.startsWith('d') ? `connection ${attempt.key}` : '';
  return (
    <header>
      <h2>
        {identity && <DirectionMark direction={identity.direction} />}
        <span class="remote">{title}</span>
        <small>{number}</small>
      </h2>
      {identity && (
        <p class={identity.client ? 'client' : 'client none'}>
          {identity.client || (story.endedAt === null ? 'no Hello yet' : 'no Hello')}
        </p>
      )}
      <dl class="facts">
        {facts.map(([name, value, whole]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={whole || value}>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

function Evicted({ selected }: { readonly selected: string }) {
  const { store, session } = usePage();
  return (
    <aside class="details" aria-label="Details of the selection">
      <div class="empty">
        {store.about ? (
          <>
            <p>
              <b>
                {/^\d/.test(selected) ? `Connection ${selected}` : 'This actor'} is no longer
                recorded.
              </b>
            </p>
            <p>The recorder keeps running actors and those that ended last.</p>
          </>
        ) : (
          <p>Waiting for data from the node.</p>
        )}
        <button type="button" class="quiet" onClick={() => session.select(null)}>
          Show all connections
        </button>
      </div>
    </aside>
  );
}
