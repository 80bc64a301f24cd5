/**
 * Somebody who looks at a recorder: a cursor. Each frame is made of what changed since the last one, at the moment it
 * is asked for, so whoever asks seldom is sent less often, and never too much.
 */

import type {
  About,
  ActorEnd,
  ActorEntry,
  ActorNumber,
  Ending,
  Frame,
  Moved,
  RowEntry,
  Step,
  Viewer,
  Views,
} from '../protocol.ts';
import type { Dictionary } from './dictionary.ts';
import type { RecordedActor } from './recorded-actor.ts';
import { type StepRing, tenths } from './step-ring.ts';
import type { Tally, TallyLook } from './tally.ts';
import type { TransitionTable } from './transition-table.ts';

/** Steps of one frame's log. */
export const MAX_LOG_STEPS = 40;

/** Actors of which a viewer gets every step. */
export const MAX_FOCUS = 4;

/** Endings in words of one frame but the first, the latest ones: all are counted. */
export const MAX_FRAME_ENDINGS = 50;

/** All that a recorder keeps, for its viewers to read. */
export type Books = {
  readonly about: Omit<About, 'actions'>;
  readonly names: Dictionary;
  readonly ways: TransitionTable;
  /** In the order of their birth. Bounded by the limits of the recorder. */
  readonly actors: Map<ActorNumber, RecordedActor>;
  /** Of everybody. */
  readonly log: StepRing;
  /** Who was forgotten, in order, since the change `goneBefore`. Bounded by the recorder. */
  readonly gone: {
    readonly number: ActorNumber;
    readonly entered: number;
    readonly change: number;
  }[];
  goneBefore: number;
  /** The latest; bounded by the limits of the recorder. */
  readonly endings: Ending[];
  /** Endings that there ever were. */
  told: number;
  /** By the name of the state. */
  readonly endedIn: Tally;
  /** Number of the last change. */
  change: number;
  /** Steps that there ever were, and the sequence of the last one. */
  steps: number;
  /** Events that no state handled. */
  ignored: number;
  /** Actors that there was no room for. */
  unseen: number;
  /** ms since the recorder began. */
  readonly now: () => number;
  /** The same value until it is made anew. */
  readonly views: () => Views | null;
};

export class RecorderViewer implements Viewer {
  readonly #books: Books;
  readonly #actions: boolean;
  #cursor: Cursor;
  /** By actor: the sequence of the last step that was sent. */
  #focus = new Map<ActorNumber, number>();
  #isOpen = true;

  constructor(books: Books, actions: boolean) {
    this.#books = books;
    this.#actions = actions;
    this.#cursor = beginning(books);
  }

  focus(actors: readonly ActorNumber[]): void {
    const before = this.#focus;
    this.#focus = new Map(
      actors.slice(0, MAX_FOCUS).map((actor) => [actor, before.get(actor) ?? 0]),
    );
  }

  next(hz: number): Frame | null {
    if (!this.#isOpen) return null;
    const books = this.#books;
    if (this.#cursor.change < books.goneBefore) this.#beginAnew();
    const cursor = this.#cursor;
    const isFirst = !cursor.hasBegun;
    cursor.hasBegun = true;
    const changes = this.#changes();
    const frame = {
      ...(isFirst && { about: { ...books.about, actions: this.#actions } }),
      ...listed({
        ...changes,
        log: books.log.after(cursor.steps, MAX_LOG_STEPS),
        focusedSteps: this.#life(),
        transitionCounts: cursor.taken.next(),
        endingCounts: cursor.ended.next(),
        endings: this.#endings(isFirst),
        names: books.names.from(cursor.names),
        transitions: books.ways.from(cursor.ways),
      }),
      ...(books.steps > cursor.steps && { logTotal: books.steps - cursor.steps }),
      ...(books.ignored !== cursor.ignored && { ignoredEvents: books.ignored }),
      ...(books.unseen !== cursor.unseen && { unrecordedActors: books.unseen }),
      ...this.#views(),
    };
    cursor.change = books.change;
    cursor.steps = books.steps;
    cursor.told = books.told;
    cursor.ignored = books.ignored;
    cursor.unseen = books.unseen;
    cursor.names = books.names.size;
    cursor.ways = books.ways.size;
    if (Object.keys(frame).length === 0) return null;
    return { t: tenths(books.now()), hz, ...frame };
  }

  close(): void {
    this.#isOpen = false;
    this.#focus.clear();
  }

  /** It has missed whom to forget. */
  #beginAnew(): void {
    this.#cursor = beginning(this.#books);
    for (const actor of this.#focus.keys()) this.#focus.set(actor, 0);
  }

  #changes() {
    const { change: since } = this.#cursor;
    const books = this.#books;
    const actors: ActorEntry[] = [];
    const moved: Moved[] = [];
    const rows: RowEntry[] = [];
    const over: ActorEnd[] = [];
    for (const actor of books.actors.values()) {
      if (actor.changed <= since || actor.entered === 0) continue;
      actor.look(++books.change);
      if (actor.entered > since) {
        actors.push(actor.entry());
        continue;
      }
      const move = actor.movedSince(since);
      if (move) moved.push(move);
      const row = actor.rowSince(since);
      if (row) rows.push([actor.number, row]);
      if (actor.ended > since) over.push(actor.over());
    }
    const gone = books.gone.flatMap(({ number, entered, change }) =>
      change > since && entered > 0 && entered <= since ? number : [],
    );
    return { actors, moved, rows, actorsEnded: over, forgotten: gone };
  }

  #life(): readonly Step[] {
    return [...this.#focus].flatMap(([number, sequence]) => {
      const steps = this.#books.actors.get(number)?.steps.after(sequence) ?? [];
      this.#focus.set(number, steps.at(-1)?.[0] ?? sequence);
      return steps;
    });
  }

  #endings(isFirst: boolean): readonly Ending[] {
    const { endings, told } = this.#books;
    const fresh = Math.min(told - this.#cursor.told, endings.length);
    const count = isFirst ? endings.length : Math.min(fresh, MAX_FRAME_ENDINGS);
    return count === 0 ? [] : endings.slice(-count);
  }

  #views(): { readonly views?: Views } {
    const views = this.#books.views();
    if (views === null || views === this.#cursor.views) return {};
    this.#cursor.views = views;
    return { views };
  }
}

/** What a viewer has seen. */
type Cursor = {
  hasBegun: boolean;
  change: number;
  steps: number;
  told: number;
  ignored: number;
  unseen: number;
  names: number;
  ways: number;
  views: Views | null;
  readonly taken: TallyLook;
  readonly ended: TallyLook;
};

/** Of somebody who has seen nothing. */
const beginning = ({ ways, endedIn }: Books): Cursor => ({
  hasBegun: false,
  change: 0,
  steps: 0,
  told: 0,
  ignored: 0,
  unseen: 0,
  names: 0,
  ways: 0,
  views: null,
  taken: ways.counts.look(),
  ended: endedIn.look(),
});

/** Without the lists that have nothing in them. */
function listed<Lists extends Readonly<Record<string, readonly unknown[]>>>(
  lists: Lists,
): Partial<Lists> {
  return Object.fromEntries(
    Object.entries(lists).filter(([, list]) => list.length > 0),
  ) as Partial<Lists>;
}
