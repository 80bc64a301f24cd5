/**
 * What the viewer looks at, as signals: nothing of it comes from the server. Whatever a link should bring back is in
 * the address, see address.ts.
 */
import { type Signal, signal } from '@preact/signals';

/** `reconnecting` shows what was there last; `stopped`: the source is over and comes back no more. */
export type Connectivity =
  | 'connecting'
  | 'live'
  | 'reconnecting'
  | 'paused'
  | 'hidden'
  | 'stopped'
  | 'file';

export type Theme = 'auto' | 'light' | 'dark';

/** A source of frames: live-source.ts, and the one that plays a recording. Each puts them into the store itself. */
export type Source = {
  /** The life of these actors is wanted, at most 4; forgets all others. */
  focus(actors: readonly number[]): void;
  pause(): void;
  resume(): void;
  close(): void;
};

export class Session {
  /** A panel of views/panels.tsx, or `connections`. */
  readonly tab = signal('connections');
  /** Which chart is shown. */
  readonly machine = signal('connection-setup');
  readonly filter = signal('');
  readonly list: Signal<'live' | 'ended'> = signal('live');
  /** Key of an attempt (`12`, `d345`), or `a345` for any actor; null: all connections. */
  readonly selected: Signal<string | null> = signal(null);
  /** Which step of its story is looked at, from 0; null follows the present. */
  readonly step: Signal<number | null> = signal(null);
  readonly theme: Signal<Theme> = signal('auto');
  readonly connectivity: Signal<Connectivity> = signal('connecting');
  /** Whether the help sheet is open. */
  readonly help = signal(false);
  /** Whether the chart has the width of the lists too. */
  readonly isWide = signal(false);
  /** Goes on by one each second, for ages. */
  readonly seconds = signal(0);
  /** Never null once main.tsx has begun. A recording that is opened takes its place. */
  readonly source: Signal<Source | null> = signal(null);

  select(key: string | null): void {
    this.selected.value = key;
    this.step.value = null;
  }

  /** What is in a state, or ended for a reason. */
  show(filter: string, list: 'live' | 'ended'): void {
    this.tab.value = 'connections';
    this.filter.value = filter;
    this.list.value = list;
  }
}
