/**
 * What the viewer selected, as signals: none of it comes from the server. The part that a link restores is in
 * address.ts.
 */
import { type Signal, signal } from '@preact/signals';

/** `reconnecting` shows the last state; `stopped`: the source has ended for good; `signedOut`: a new link is needed. */
export type Connectivity =
  | 'connecting'
  | 'live'
  | 'reconnecting'
  | 'paused'
  | 'hidden'
  | 'stopped'
  | 'signedOut'
  | 'file';

export type Theme = 'auto' | 'light' | 'dark';

/** A source of frames, live or a recording. It applies them to the store itself. */
export type Source = {
  /** Requests the steps of these actors, at most 4, and drops those of all others. */
  focus(actors: readonly number[]): void;
  pause(): void;
  resume(): void;
  close(): void;
};

export class Session {
  /** A panel of app/panels.tsx, or `connections`. */
  readonly tab = signal('overview');
  /** Which chart is shown. */
  readonly machine = signal('connection-setup');
  readonly filter = signal('');
  readonly list: Signal<'live' | 'ended'> = signal('live');
  /** Key of an attempt (`12`, `d345`), or `a345` for any actor; null: all connections. */
  readonly selected: Signal<string | null> = signal(null);
  /** Index of the selected step of its story; null follows the latest. */
  readonly step: Signal<number | null> = signal(null);
  readonly theme: Signal<Theme> = signal('auto');
  readonly connectivity: Signal<Connectivity> = signal('connecting');
  /** How to get a session; set while `signedOut`. */
  readonly advice = signal('');
  /** Whether the help sheet is open. */
  readonly help = signal(false);
  /** Whether the chart takes the whole width, without the lists. */
  readonly isWide = signal(false);
  /** Rises by one each second, to redraw ages. */
  readonly seconds = signal(0);
  /** Set by main.tsx at start. An opened recording replaces it. */
  readonly source: Signal<Source | null> = signal(null);

  select(key: string | null): void {
    this.selected.value = key;
    this.step.value = null;
  }

  /** Lists connections in a state, or ended for a reason. */
  show(filter: string, list: 'live' | 'ended'): void {
    this.tab.value = 'connections';
    this.filter.value = filter;
    this.list.value = list;
  }
}
