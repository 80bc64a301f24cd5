/** The header: node, connection state, main numbers, and the tools of the page. */

import { freshnessOf } from '../base/freshness.ts';
import { Logo, PauseIcon, PlayIcon, THEME_ICONS } from '../base/icons.tsx';
import { usePage } from '../base/page-context.tsx';
import { nextTheme } from '../base/theme.ts';
import { count, UNKNOWN } from '../model/amounts.ts';
import { amount, duration } from '../model/durations.ts';
import { shortState } from '../model/state-words.ts';
import { settingUpIn, tablesOf } from '../model/tables.ts';
import { HEADER_TOOLS, PANELS } from './panels.tsx';

export function PageHeader() {
  return (
    <header class="top">
      <div class="bar">
        <Title />
        <Numbers />
        <Tools />
      </div>
      <Tabs />
    </header>
  );
}

function Title() {
  const { store, session } = usePage();
  store.changed.value;
  const { state, words } = freshnessOf(store, session.connectivity.value);
  const node = store.views?.server.enode || store.about?.node || ''; // it has no address before the start
  return (
    <div class="title">
      <Logo />
      <div>
        <h1>peerchart</h1>
        <p class="node" title={node}>
          {nodeWords(node)}
        </p>
      </div>
      {store.about?.label && <span class="pill label">{store.about.label}</span>}
      <span class={`pill ${state}`} role="status">
        {words}
      </span>
    </div>
  );
}

/** The start of the id and the address of an enode URL. */
function nodeWords(node: string): string {
  const enode = /^enode:\/\/([0-9a-f]{6})[0-9a-f]*@(.+?)(?:\?.*)?$/.exec(node);
  if (!enode) return node || 'the inspector';
  const [, id, place = ''] = enode;
  return place.endsWith(':0') ? `${id}…` : `${id}…@${place}`; // recorded before the start: no address yet
}

function Numbers() {
  const { store } = usePage();
  store.changed.value;
  const { server } = tablesOf(store); // derived for recordings too
  return (
    <dl class="numbers">
      <div>
        <dt>Server</dt>
        <dd>{server ? shortState(server.state) : '–'}</dd>
      </div>
      <div>
        <dt>Peers</dt>
        <dd>
          {count(server?.peers ?? null)}
          <small> / {count(server?.maxPeers ?? null)}</small>
        </dd>
      </div>
      <div>
        <dt>Setting up</dt>
        <dd>{amount(settingUpIn(store))}</dd>
      </div>
      <div class="rate">
        <dt>Events</dt>
        <dd>
          {amount(store.rates.events)}
          <small>/s</small>
          <Sparkline values={store.rates.history} />
        </dd>
      </div>
      <div class="delay">
        <dt>Loop delay p99</dt>
        <dd>{server?.loopDelay == null ? UNKNOWN : duration(server.loopDelay)}</dd>
      </div>
    </dl>
  );
}

/** 60 points wide, 16 high. */
function Sparkline({ values }: { readonly values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, x) => `${x},${(15 - (value / most) * 14).toFixed(1)}`);
  return (
    <svg class="sparkline" viewBox="0 0 60 16" aria-hidden="true" preserveAspectRatio="none">
      <polyline points={points.join(' ')} />
    </svg>
  );
}

function Tools() {
  const { session } = usePage();
  const isPaused = session.connectivity.value === 'paused';
  const theme = session.theme.value;
  const ThemeIcon = THEME_ICONS[theme];
  return (
    <div class="tools">
      {session.source.value && session.connectivity.value !== 'file' && (
        <button
          type="button"
          title="Space"
          onClick={() => {
            if (isPaused) session.source.value?.resume();
            else session.source.value?.pause();
          }}
        >
          {isPaused ? <PlayIcon /> : <PauseIcon />}
          <span>{isPaused ? 'Resume' : 'Pause'}</span>
        </button>
      )}
      <button
        type="button"
        title="Theme (t)"
        aria-label={`Theme: ${theme}`}
        onClick={() => {
          session.theme.value = nextTheme(theme);
        }}
      >
        <ThemeIcon />
        <span>{theme}</span>
      </button>
      {HEADER_TOOLS.map((Tool, place) => (
        <Tool key={place} />
      ))}
    </div>
  );
}

function Tabs() {
  const { session } = usePage();
  const [first, ...rest] = PANELS;
  const tabs = [first!, { id: 'connections', label: 'Connections' }, ...rest];
  return (
    <nav class="tabs" aria-label="Views">
      {tabs.map(({ id, label }) => (
        <a
          key={id}
          href={`#tab=${id}`}
          aria-current={session.tab.value === id ? 'page' : undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            session.tab.value = id;
          }}
        >
          {label}
        </a>
      ))}
    </nav>
  );
}
