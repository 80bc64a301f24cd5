/** The page as a whole: the header, then the connections with their chart, or one of the panels. */

import { freshnessOf } from '../base/freshness.ts';
import { usePage } from '../base/page-context.tsx';
import { ChartPanel } from '../chart/chart-panel.tsx';
import { ConnectionList } from '../connections/connection-list.tsx';
import { Details } from '../connections/details.tsx';
import { Overview } from '../connections/overview.tsx';
import { Scrubber } from '../connections/scrubber.tsx';
import { storyOf } from '../model/story.ts';
import { PageHeader } from './page-header.tsx';
import { OVERLAYS, PANELS } from './panels.tsx';
import { SignedOut } from './signed-out.tsx';

export function App() {
  const { store, session } = usePage();
  const isSignedOut = session.connectivity.value === 'signedOut' && !store.about;
  const panel = PANELS.find(({ id }) => id === session.tab.value);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <PageHeader />
      <Notice />
      <main id="main" class={panel || isSignedOut ? 'panel' : 'desk'} tabIndex={-1}>
        {isSignedOut ? <SignedOut /> : panel ? <panel.View /> : <Desk />}
      </main>
      {OVERLAYS.map((Overlay, place) => (
        <Overlay key={place} />
      ))}
    </>
  );
}

function Desk() {
  const { session } = usePage();
  const selected = session.selected.value;
  const isWide = session.isWide.value;
  return (
    <div class={`columns${isWide ? ' wide' : ''}${selected === null ? '' : ' one'}`}>
      {!isWide && <ConnectionList />}
      <div class="middle">
        <PastRibbon />
        <ChartPanel />
        {selected !== null && <Scrubber selected={selected} />}
      </div>
      {!isWide && (selected === null ? <Overview /> : <Details selected={selected} />)}
    </div>
  );
}

/** Shown while an earlier step is selected, so that it is not taken for the live state. */
function PastRibbon() {
  const { store, session } = usePage();
  store.changed.value;
  const { selected, step } = session;
  if (selected.value === null || step.value === null) return null;
  const of = storyOf(store, selected.value)?.steps.length ?? 0;
  if (step.value >= of) return null;
  return (
    <p class="ribbon" role="status">
      <span>
        <b>Viewing the past:</b> step {step.value + 1} of {of}
      </span>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          session.step.value = null;
        }}
      >
        Back to the present
      </button>
    </p>
  );
}

function Notice() {
  const { store, session } = usePage();
  store.changed.value;
  const { state, notice } = freshnessOf(store, session.connectivity.value, session.advice.value);
  return notice === '' ? null : (
    <p class={`notice ${state}`} role="status">
      {notice}
    </p>
  );
}
