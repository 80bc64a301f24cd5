/** Starts the page: store, session, source of frames, and their links to the browser. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { PANELS } from './app/panels.tsx';
import { type Place, readPlace, writePlace } from './base/address.ts';
import { openEventStream } from './base/event-stream.ts';
import { type Browser, LiveSource } from './base/live-source.ts';
import { PageContext } from './base/page-context.tsx';
import { ServerAccess } from './base/server-access.ts';
import { Session } from './base/session.ts';
import { keepTheme } from './base/theme.ts';
import { MACHINES } from './chart/charts.ts';
import { Store } from './model/store.ts';
import { focusOf, storyOf, tellingStep } from './model/story.ts';
import { openRecording, servedFile } from './recording/file-opening.ts';

const access = new ServerAccess(fetch.bind(window), () => sessionStorage);

const browser: Browser = {
  openStream: (url) => openEventStream(access.request, url),
  onSignedOut: () => void signIn(null),
  get: async (url) => {
    const answer = await access.request(url);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.status === 204 ? null : answer.json();
  },
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  now: () => performance.now(),
};

const code = codeOfLink();
const store = new Store();
const session = new Session();

keepTheme(session, document.documentElement, () => localStorage);
keepAddress();
followStory();

void signIn(code);
setInterval(() => {
  session.seconds.value += 1;
}, 1_000);

render(
  <PageContext.Provider value={{ store, session, access }}>
    <App />
  </PageContext.Provider>,
  document.getElementById('page')!,
);

/** The code is removed from the address bar and the history. */
function codeOfLink(): string | null {
  const code = new URLSearchParams(location.search).get('code');
  if (code !== null) history.replaceState(null, '', `${location.pathname}${location.hash}`);
  return code;
}

async function signIn(code: string | null): Promise<void> {
  const result = await access.signIn(code).catch(() => null);
  if (result?.is === 'out') {
    session.advice.value = result.advice;
    session.connectivity.value = 'signedOut';
  } else if (result?.session.source === 'file')
    void openRecording({ store, session }, servedFile(access.request));
  else watchLive(); // it retries when the server could not be reached
}

function watchLive(): void {
  const live = new LiveSource(browser, store, session.connectivity);
  session.source.value = live;
  const updateHidden = (): void => live.setHidden(document.visibilityState === 'hidden');
  document.addEventListener('visibilitychange', updateHidden);
  updateHidden();
}

/** Keeps the hash and the session equal, in both directions. */
function keepAddress(): void {
  const known = {
    tabs: ['connections', ...PANELS.map(({ id }) => id)],
    machines: MACHINES,
  };
  const go = ({ tab, machine, filter, list, selected, step }: Place): void => {
    session.tab.value = tab;
    session.machine.value = machine;
    session.filter.value = filter;
    session.list.value = list;
    session.selected.value = selected;
    session.step.value = step;
  };
  go(readPlace(location.hash, known));
  window.addEventListener('hashchange', () => go(readPlace(location.hash, known)));
  let before = '';
  effect(() => {
    const { tab, machine, filter, list, selected, step } = session;
    const place = {
      tab: tab.value,
      machine: machine.value,
      filter: filter.value,
      list: list.value,
      selected: selected.value,
      step: step.value,
    };
    const hash = writePlace(place);
    // a new tab or selection is a history entry; typing and scrubbing are not
    const where = `${place.tab} ${place.selected}`;
    if (hash === location.hash.slice(1)) before = where;
    else {
      const url = `${location.pathname}${location.search}${hash && `#${hash}`}`;
      if (before === '' || where === before) history.replaceState(null, '', url);
      else history.pushState(null, '', url);
      before = where;
    }
  });
}

/** Requests the steps of the selection, and shows the chart of the machine of the selected step. */
function followStory(): void {
  let followed = '';
  effect(() => {
    store.changed.value;
    const selected = session.selected.value;
    const story = selected === null ? null : storyOf(store, selected);
    session.source.value?.focus(focusOf(story));
    const { value: at } = session.step;
    const step = story && (at === null ? tellingStep(story) : story.steps[at]);
    const machine = step?.machine ?? story?.actors.at(-1)?.machine ?? '';
    const follows = `${selected} ${session.step.value} ${machine}`;
    if (follows === followed) return;
    followed = follows;
    if (machine !== '') session.machine.value = machine;
  });
}
