/**
 * What happened to every actor of a server, in memory that does not grow: it hears of steps, keeps them as numbers,
 * and opens cursors for whoever wants to see them. It holds no payloads and no keys, and tells nobody anything.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { LifecycleListener, MacroStep, ObservedActor } from '../../actors/lifecycle.ts';
import type { Clock } from '../../io/process/clock.ts';
import { printable } from '../../io/wire/printable.ts';
import {
  type About,
  type Ending,
  type FrameSource,
  PROTOCOL,
  type Viewer,
  type Views,
} from '../protocol.ts';
import { ChartNumbers } from './chart-numbers.ts';
import { Dictionary } from './dictionary.ts';
import { RecordedActor } from './recorded-actor.ts';
import { STEP_BYTES, StepRing } from './step-ring.ts';
import { Tally } from './tally.ts';
import { TransitionTable } from './transition-table.ts';
import { type Books, RecorderViewer } from './viewer.ts';

/** Steps that are kept of each actor: how it began, and what it did last. */
export const FIRST_STEPS = 32;
export const LATEST_STEPS = 96;

/** Steps of all actors together, for the log: more than there are in a second on a busy server. */
export const LOG_STEPS = 4_096;

/** Ended actors that a late viewer can still be told to forget; beyond that it is told everything anew. */
const GONE_KEPT = 4_096;

/** Longest id of an actor that is shown, in UTF-16 units. */
const MAX_ID_CHARS = 96;

/** Time that tables stay as they are, in ms. */
const VIEWS_MS = 1_000;

/**
 * What is kept at most. The steps of an actor take 640 bytes, and 5 KiB once there are more than 16 of them; so
 * memory is at most 5 KiB for each of `actors + ended`, about 1 KiB for each of `endings`, and 1 MiB besides.
 */
export type RecorderLimits = {
  /** Actors that live; those beyond are counted, and not seen. They are bounded by the server as well. */
  readonly actors: number;
  /** Actors that have ended; the oldest are forgotten. */
  readonly ended: number;
  /** Endings in words; the oldest are forgotten. */
  readonly endings: number;
};

export const RECORDER_LIMITS: RecorderLimits = { actors: 20_000, ended: 500, endings: 1_000 };

export type RecorderOptions = {
  readonly clock: Clock;
  readonly about: Omit<About, 'protocol' | 'actions'>;
  readonly limits?: Partial<RecorderLimits>;
};

export class Recorder implements LifecycleListener, FrameSource {
  readonly #clock: Clock;
  readonly #began: number;
  readonly #limits: RecorderLimits;
  readonly #books: Books;
  readonly #charts = new WeakMap<AnyStateMachine, ChartNumbers>();
  /** Oldest first; at most `limits.ended`. */
  readonly #ended: RecordedActor[] = [];
  /** Memory of forgotten actors, for new ones; at most `limits.ended`. */
  readonly #spare: StepRing[] = [];
  #live = 0;
  #makeViews: (() => Views) | null = null;
  #viewsAt = Number.NEGATIVE_INFINITY;

  constructor({ clock, about, limits }: RecorderOptions) {
    this.#clock = clock;
    this.#began = clock.now();
    this.#limits = { ...RECORDER_LIMITS, ...limits };
    const names = new Dictionary();
    this.#books = {
      about: { ...about, protocol: PROTOCOL },
      names,
      ways: new TransitionTable(names),
      actors: new Map(),
      log: new StepRing(0, LOG_STEPS),
      gone: [],
      goneBefore: 0,
      endings: [],
      told: 0,
      endedIn: new Tally(),
      change: 0,
      steps: 0,
      ignored: 0,
      unseen: 0,
      now: () => clock.now() - this.#began,
      views: () => this.#views(),
    };
  }

  started(actor: ObservedActor): void {
    const { actors } = this.#books;
    if (this.#live >= this.#limits.actors) {
      this.#books.unseen += 1;
      return;
    }
    this.#live += 1;
    const steps = this.#spare.pop() ?? new StepRing(FIRST_STEPS, LATEST_STEPS);
    const shown = { ...actor, id: printable(actor.id, MAX_ID_CHARS) };
    const chart = this.#chartOf(actor.machine);
    actors.set(actor.number, new RecordedActor(shown, chart, this.#books.now(), steps));
  }

  found({ number }: ObservedActor, snapshot: AnyMachineSnapshot): void {
    const actor = this.#books.actors.get(number);
    if (!actor) return;
    actor.move(this.#next(), this.#books.now(), actor.chart.stateOf(snapshot.value), snapshot);
  }

  stepped({ number }: ObservedActor, { event, taken, snapshot }: MacroStep): void {
    const books = this.#books;
    const actor = books.actors.get(number);
    if (!actor) return;
    const { chart } = actor;
    const at = books.now();
    const name = chart.eventOf(event, taken);
    const state = chart.stateOf(snapshot.value);
    const ways = chart.waysOf(taken);
    books.steps += 1;
    books.log.write(books.steps, number, at, name, state, ways);
    actor.steps.write(books.steps, number, at, name, state, ways);
    actor.move(this.#next(), at, state, snapshot);
    for (const way of ways) books.ways.counts.add(way);
    if (taken.length === 0 && !event.type.startsWith('xstate.')) books.ignored += 1;
  }

  ended({ number }: ObservedActor, status: 'done' | 'stopped' | 'error'): void {
    const actor = this.#books.actors.get(number);
    if (!actor) return;
    actor.end(this.#next(), this.#books.now(), status);
    this.#live -= 1;
    this.#ended.push(actor);
    if (this.#ended.length > this.#limits.ended) this.#forget(this.#ended.shift()!);
  }

  /** Something ended, and why; `endingOf` makes it of an event of the server. */
  tell(ending: Omit<Ending, 'at'>): void {
    const { endings, endedIn, names } = this.#books;
    endings.push({ ...ending, at: Math.round(this.#books.now()) });
    if (endings.length > this.#limits.endings) endings.shift();
    this.#books.told += 1;
    endedIn.add(names.numberOf(ending.state));
  }

  /** Who is asked for the tables, at most once a second and only while somebody looks. */
  setViews(make: () => Views): void {
    this.#makeViews = make;
  }

  open({ actions }: { readonly actions: boolean }): Viewer {
    return new RecorderViewer(this.#books, actions);
  }

  /** How much it holds, and `steps` that it ever heard of; `bytes` is what the steps take, the part that a flood could make grow. */
  get size() {
    const { actors, names, ways, endings, gone, log } = this.#books;
    const rings = [log, ...this.#spare, ...[...actors.values()].map(({ steps }) => steps)];
    return {
      actors: actors.size,
      steps: this.#books.steps,
      names: names.size,
      ways: ways.size,
      endings: endings.length,
      gone: gone.length,
      bytes: rings.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  #forget({ number, steps, entered }: RecordedActor): void {
    const { actors, gone } = this.#books;
    actors.delete(number);
    steps.clear();
    if (this.#spare.length < this.#limits.ended) this.#spare.push(steps);
    gone.push({ number, entered, change: this.#next() });
    if (gone.length <= GONE_KEPT) return;
    const oldest = gone.splice(0, GONE_KEPT / 2).at(-1)!;
    this.#books.goneBefore = oldest.change;
  }

  #next(): number {
    this.#books.change += 1;
    return this.#books.change;
  }

  #chartOf(machine: AnyStateMachine): ChartNumbers {
    const known = this.#charts.get(machine);
    if (known) return known;
    const { names, ways } = this.#books;
    const chart = new ChartNumbers(machine, names, ways);
    this.#charts.set(machine, chart);
    return chart;
  }

  #views(): Views | null {
    const now = this.#clock.now();
    if (this.#makeViews && now - this.#viewsAt >= VIEWS_MS) {
      this.#viewsAt = now;
      this.#latest = this.#makeViews();
    }
    return this.#latest;
  }

  #latest: Views | null = null;
}

/** Most bytes that the steps of so many actors can take. */
export const stepBytes = (actors: number): number =>
  (actors * (FIRST_STEPS + LATEST_STEPS) + LOG_STEPS) * STEP_BYTES;
