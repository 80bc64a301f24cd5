/**
 * A recording as the source of the page, with playback and seeking. Seeking back plays from the start up to the time,
 * without drawing. file-opening.ts makes the tape.
 */
import { signal } from '@preact/signals';

import type { ActorNumber, Frame } from '../../protocol.ts';
import type { Source } from '../base/session.ts';
import { PLAYED_HZ, Playhead } from './playhead.ts';
import type { ReadTape } from './recording-text.ts';

/** ms of the recording in one ms. */
export const SPEEDS = [1, 10, 100] as const;
export type Speed = (typeof SPEEDS)[number];

/** Longest gap between events in playback, in ms of real time. Ours; longer gaps are shortened to it. */
const MAX_SILENCE_MS = 2_000;

/** Receives the frames; the store. */
export type Screen = {
  apply(frame: Frame, receivedAt: number): unknown;
  /** Drops the steps of all other actors. */
  focus(actors: readonly ActorNumber[]): void;
};

export class FileSource implements Source {
  readonly name: string;
  readonly read: ReadTape;
  readonly speed = signal<Speed>(1);
  /** ms since the recording started. */
  readonly time = signal(0);
  readonly mode = signal<'paused' | 'running'>('paused');
  readonly #screen: Screen;
  readonly #playhead: Playhead;
  #focus: readonly ActorNumber[] = [];
  #timer: ReturnType<typeof setInterval> | null = null;

  /** Shows the end of the recording at once. */
  constructor(screen: Screen, name: string, read: ReadTape) {
    this.#screen = screen;
    this.name = name;
    this.read = read;
    this.#playhead = new Playhead(read.tape);
    this.seek(read.tape.duration);
  }

  /** Restarts when it is at the end. */
  resume(): void {
    if (this.mode.value === 'running') return;
    if (this.time.value >= this.read.tape.duration) this.seek(0);
    this.mode.value = 'running';
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#run(now - last);
      last = now;
    }, 1_000 / PLAYED_HZ);
  }

  pause(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.mode.value = 'paused';
  }

  close(): void {
    this.pause();
  }

  toggle(): void {
    if (this.mode.value === 'running') this.pause();
    else this.resume();
  }

  seek(t: number): void {
    const { tape } = this.read;
    const to = Math.min(Math.max(t, 0), tape.duration);
    this.#show(tape.after(to), to);
  }

  /** To the next event, or to the one before. */
  step(by: 1 | -1): void {
    this.pause();
    const { tape } = this.read;
    const isEvent = (index: number): boolean => tape.isStep(index) || tape.isEnding(index);
    let to = this.#playhead.index;
    if (by === 1) {
      while (to < tape.length && !isEvent(to)) to += 1;
      to = Math.min(to + 1, tape.length);
    } else {
      while (to > 0 && !isEvent(to - 1)) to -= 1; // entries after the last event
      to = Math.max(0, to - 1);
      while (to > 0 && !isEvent(to - 1)) to -= 1;
    }
    this.#show(to, to > 0 ? tape.at(to - 1) : 0);
  }

  focus(actors: readonly ActorNumber[]): void {
    if (String(actors) === String(this.#focus)) return;
    this.#focus = actors;
    this.#screen.focus(actors);
    this.#apply(this.#playhead.focus(actors, this.time.value));
  }

  /** @param ms Of real time. */
  #run(ms: number): void {
    const { tape } = this.read;
    const speed = this.speed.value;
    const { index } = this.#playhead;
    const next = index < tape.length ? tape.at(index) : tape.duration;
    const to = Math.max(this.time.value + ms * speed, next - MAX_SILENCE_MS * speed);
    this.seek(to);
    if (this.time.value >= tape.duration) this.pause();
  }

  #show(index: number, t: number): void {
    if (index < this.#playhead.index) this.#playhead.rewind();
    this.time.value = t;
    this.#apply(this.#playhead.advance(index, t));
  }

  #apply(frame: Frame): void {
    this.#screen.apply(frame, performance.now());
  }
}
