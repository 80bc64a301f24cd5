/**
 * Frames of the running server, into the store. It keeps quiet while the tab is hidden or paused: a browser allows
 * few streams to one server. The stream begins anew each time it opens, with everything.
 */
import type { Signal } from '@preact/signals';

import type { Connectivity, Source } from './session.ts';

/** Between two attempts, in ms; doubles each time up to the most. */
const RETRY_MS = { least: 1_000, most: 15_000 };

/** What is needed of the browser. */
export type Browser = {
  readonly openStream: (url: string) => Stream;
  /** Rejects for anything but an answer that went well. */
  readonly get: (url: string) => Promise<unknown>;
  /** @returns a function that forgets it. */
  readonly after: (ms: number, act: () => void) => () => void;
  /** ms of a clock that only goes forward. */
  readonly now: () => number;
};

/** Of an EventSource. */
export type Stream = {
  onHello: (data: string) => void;
  onMessage: (data: string) => void;
  onError: () => void;
  close(): void;
};

/** Where frames go. */
export type Screen = {
  apply(frame: unknown, receivedAt: number): boolean;
  applyHistories(lives: unknown): void;
  focus(actors: readonly number[]): void;
};

export class LiveSource implements Source {
  readonly #browser: Browser;
  readonly #screen: Screen;
  readonly #connectivity: Signal<Connectivity>;
  #stream: Stream | null = null;
  /** What the server calls this stream. */
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
    if (this.#stream) this.#tellFocus();
    else if (actors.length > 0)
      this.#askLives(`api/life?actors=${encodeURIComponent(actors.join(','))}`);
  }

  pause(): void {
    this.#isPaused = true;
    this.#go();
  }

  resume(): void {
    this.#isPaused = false;
    this.#go();
  }

  /** While nobody can see the page. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
    this.#go();
  }

  close(): void {
    this.#isClosed = true;
    this.#go();
  }

  /** Opens or closes the stream, as it should be now. */
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
      if (this.#focus !== opened) this.#tellFocus(); // it changed meanwhile
    };
    stream.onMessage = (data) => {
      this.#retryMs = RETRY_MS.least;
      if (this.#screen.apply(parsed(data), this.#browser.now())) this.#connectivity.value = 'live';
    };
    stream.onError = () => this.#lost();
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

  /** When it fails, so does the stream soon; the next one is opened with the focus. */
  #tellFocus(): void {
    if (this.#name === null) return;
    const actors = encodeURIComponent(this.#focus.join(','));
    const url = `api/focus?stream=${encodeURIComponent(this.#name)}&actors=${actors}`;
    this.#browser.get(url).catch(() => {});
  }

  #askLives(url: string): void {
    this.#browser.get(url).then(
      (lives) => this.#screen.applyHistories(lives),
      () => {}, // the page says that it knows no steps
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
