/**
 * One viewer of a recorder: a cursor that moves forward. Nothing is queued for it: each frame holds what changed since the
 * last one, when it is asked for, so a slow viewer gets fewer frames of the same size.
 */
import type { ActorNumber, Frame, Viewer } from '../protocol.ts';
import type { ChangeSource, Cursor } from './changes.ts';
import { NO_COUNTS } from './counters.ts';
import { tenths } from './step-ring.ts';

/** Actors of which a viewer gets every step. */
const MAX_FOCUS = 4;

/** Of a viewer that has been sent nothing. */
export const START: Cursor = {
  change: 0,
  step: 0,
  endings: 0,
  names: 0,
  transitions: 0,
  ignoredEvents: 0,
  unrecordedActors: 0,
  transitionCounts: NO_COUNTS,
  endingCounts: NO_COUNTS,
  views: null,
  diagnosis: null,
  focus: new Map(),
};

export class RecorderViewer implements Viewer {
  readonly #source: ChangeSource;
  readonly #actions: boolean;
  #cursor = START;
  #isOpen = true;

  constructor(source: ChangeSource, actions: boolean) {
    this.#source = source;
    this.#actions = actions;
  }

  focus(actors: readonly ActorNumber[]): void {
    const before = this.#cursor.focus;
    const focus = actors
      .slice(0, MAX_FOCUS)
      .map((actor) => [actor, before.get(actor) ?? 0] as const);
    this.#cursor = { ...this.#cursor, focus: new Map(focus) };
  }

  next(hz: number): Frame | null {
    if (!this.#isOpen) return null;
    const { changes, cursor } = this.#source.changesSince(this.#cursor);
    this.#cursor = cursor;
    if (Object.keys(changes).length === 0) return null;
    const { about, ...rest } = changes;
    const first = about && { about: { ...about, actions: this.#actions } };
    return { t: tenths(this.#source.now()), hz, ...first, ...rest };
  }

  close(): void {
    this.#isOpen = false;
    this.#cursor = START;
  }
}
