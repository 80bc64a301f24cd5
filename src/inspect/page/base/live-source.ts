/**
 * Frames of the running server, into the store. The stream is closed while the tab is hidden or paused, for a browser
 * allows few streams to one server. Each new stream starts with a full frame.
 */
import type { Signal } from '@preact/signals';

import type { Connectivity, Source } from './session.ts';

/** Delay between two attempts, in ms; doubles each time up to `most`. */
const RETRY_MS = { least: 1_000, most: 15_000 };

/** Functions of the browser, replaced in tests. */
export type Browser = {
  readonly openStream: (url: string) => Stream;
  /** Called when the server no longer accepts the session. */
  readonly onSignedOut: () => void;
  /** Rejects unless the answer is successful. */
  readonly get: (url: string) => Promise<unknown>;
  /** @returns a function that cancels it. */
  readonly after: (ms: number, act: () => void) => () => void;
  /** ms of a monotonic clock. */
  readonly now: () => number;
};

/** Server-sent events. */
export type Stream = {
  onHello: (data: string) => void;
  onMessage: (data: string) => void;
  /** The stream has ended. @param status Of the answer; 0 without one. */
  onError: (status: number) => void;
  close(): void;
};

/** Receives frames; the store. */
export type Screen = {
  apply(frame: unknown, receivedAt: number): boolean;
  applyHistories(histories: unknown): void;
  focus(actors: readonly number[]): void;
};

export class LiveSource implements Source {
  readonly #browser: Browser;
  readonly #screen: Screen;
  readonly #connectivity: Signal<Connectivity>;
  #stream: Stream | null = null;
  /** The name the server gave this stream. */
  #name: string | null = null;
  #focus: readonly number[] = [];
  #isPaused = false;
  #isHidden = false;
  #isClosed = false;
  #retryMs: number = RETRY_MS.least;
  #stopTimer: (() => void) | null = null;

  constructor(browser: Browser, screen: Screen, connectivity: Signal<Connectivity>) {
    this.#browser = browser;
    this.#screen = screen;
    this.#connectivity = connectivity;
    this.#go();
  }

  focus(actors: readonly number[]): void {
    if (String(actors) === String(this.#focus)) return;
    this.#focus = actors;
    this.#screen.focus(actors);
    if (this.#stream) this.#sendFocus();
    else if (actors.length > 0)
      this.#fetchHistories(`api/steps?actors=${encodeURIComponent(actors.join(','))}`);
  }

  pause(): void {
    this.#isPaused = true;
    this.#go();
  }

  resume(): void {
    this.#isPaused = false;
    this.#go();
  }

  /** While the tab is in the background. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
    this.#go();
  }

  close(): void {
    this.#isClosed = true;
    this.#go();
  }

  /** Opens or closes the stream to match the flags. */
  #go(): void {
    if (this.#isClosed || this.#isPaused || this.#isHidden) {
      this.#end();
      if (!this.#isClosed) this.#connectivity.value = this.#isPaused ? 'paused' : 'hidden';
    } else if (!this.#stream) this.#open();
  }

  #open(): void {
    if (this.#connectivity.value !== 'reconnecting') this.#connectivity.value = 'connecting';
    const opened = this.#focus;
    const focus = encodeURIComponent(opened.join(','));
    const stream = this.#browser.openStream(`api/stream${focus && `?focus=${focus}`}`);
    this.#stream = stream;
    stream.onHello = (data) => {
      this.#name = nameIn(data);
      if (this.#focus !== opened) this.#sendFocus(); // it changed meanwhile
    };
    stream.onMessage = (data) => {
      this.#retryMs = RETRY_MS.least;
      if (this.#screen.apply(parsed(data), this.#browser.now())) this.#connectivity.value = 'live';
    };
    stream.onError = (status) => {
      if (status === 401) this.#signOut();
      else this.#lost();
    };
  }

  #signOut(): void {
    this.close();
    this.#connectivity.value = 'signedOut';
    this.#browser.onSignedOut();
  }

  #lost(): void {
    this.#end();
    this.#connectivity.value = 'reconnecting';
    this.#stopTimer = this.#browser.after(this.#retryMs, () => this.#go());
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
  }

  #end(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#stream?.close();
    this.#stream = null;
    this.#name = null;
  }

  /** A failure is ignored: the stream fails too, and the next one opens with the focus. */
  #sendFocus(): void {
    if (this.#name === null) return;
    const actors = encodeURIComponent(this.#focus.join(','));
    const url = `api/focus?stream=${encodeURIComponent(this.#name)}&actors=${actors}`;
    this.#browser.get(url).catch(() => {});
  }

  #fetchHistories(url: string): void {
    this.#browser.get(url).then(
      (histories) => this.#screen.applyHistories(histories),
      () => {}, // the page then shows that no steps are recorded
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function nameIn(data: string): string | null {
  const hello = parsed(data) as { readonly stream?: unknown } | null;
  return typeof hello?.stream === 'string' ? hello.stream : null;
}
