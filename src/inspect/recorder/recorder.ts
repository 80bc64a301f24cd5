/**
 * What happened to every actor of a server, in memory that does not grow: it is told of each step, keeps it as numbers,
 * and answers what changed since a cursor. It holds no payloads and no keys, and sends nothing by itself.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { LifecycleListener, MacroStep, ObservedActor } from '../../actors/lifecycle.ts';
import type { Diagnosis } from '../../explain/diagnosis.ts';
import type { Clock } from '../../io/process/clock.ts';
import { printable } from '../../io/wire/printable.ts';
import {
  type About,
  type ActorNumber,
  type Ending,
  type FrameSource,
  PROTOCOL,
  type Step,
  type Viewer,
  type Views,
} from '../protocol.ts';
import type { ChangeSource, Changes, Cursor } from './changes.ts';
import { ChartNumbers } from './chart-numbers.ts';
import { Counters } from './counters.ts';
import { Dictionary } from './dictionary.ts';
import { type ActorLimits, FIRST_STEPS, LATEST_STEPS, RecordedActors } from './recorded-actors.ts';
import { STEP_BYTES, StepRing } from './step-ring.ts';
import { TransitionTable } from './transition-table.ts';
import { RecorderViewer, START } from './viewer.ts';

/** Steps of all actors together, for the log: more than a busy server takes in a second. */
const LOG_STEPS = 4_096;

/** Steps in the log of one frame. */
const MAX_LOG_STEPS = 40;

/** Endings in one frame but the first, the latest ones: all are counted. */
const MAX_FRAME_ENDINGS = 50;

/** Longest id of an actor that is shown, in UTF-16 units. */
const MAX_ID_CHARS = 96;

/** How long views stay as they are, in ms. */
const VIEWS_MS = 1_000;

/**
 * What is kept at most. The steps of an actor take 640 bytes, and 5 KiB once there are more than 16 of them; so
 * memory is at most 5 KiB for each of `actors + ended`, about 1 KiB for each of `endings`, and 1 MiB besides.
 */
export type RecorderLimits = ActorLimits & {
  /** Endings with their explanations; the oldest are forgotten. */
  readonly endings: number;
};

export const RECORDER_LIMITS: RecorderLimits = { actors: 20_000, ended: 500, endings: 1_000 };

export type RecorderOptions = {
  readonly clock: Clock;
  readonly about: Omit<About, 'protocol' | 'actions'>;
  readonly limits?: Partial<RecorderLimits>;
};

export class Recorder implements LifecycleListener, FrameSource, ChangeSource {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #limits: RecorderLimits;
  readonly #about: Omit<About, 'actions'>;
  readonly #names = new Dictionary();
  readonly #transitions = new TransitionTable(this.#names);
  readonly #charts = new WeakMap<AnyStateMachine, ChartNumbers>();
  readonly #actors: RecordedActors;
  /** Of all actors. */
  readonly #log = new StepRing(0, LOG_STEPS);
  /** Steps so far, which is the sequence of the last one. */
  #steps = 0;
  /** Events that no state handled. */
  #ignoredEvents = 0;
  /** The latest; at most `limits.endings`. */
  readonly #endings: Ending[] = [];
  /** Endings so far. */
  #endingsTotal = 0;
  /** By the name of the state. */
  readonly #endingCounts = new Counters();
  #readViews: (() => Views) | null = null;
  #readDiagnosis: (() => Diagnosis) | null = null;
  #views: Views | null = null;
  #viewsAt = Number.NEGATIVE_INFINITY;

  constructor({ clock, about, limits }: RecorderOptions) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#limits = { ...RECORDER_LIMITS, ...limits };
    this.#actors = new RecordedActors(this.#limits);
    this.#about = { ...about, protocol: PROTOCOL };
  }

  started(actor: ObservedActor): void {
    const shown = { ...actor, id: printable(actor.id, MAX_ID_CHARS) };
    this.#actors.start(shown, this.#chartOf(actor.machine), this.now());
  }

  found({ number }: ObservedActor, snapshot: AnyMachineSnapshot): void {
    const actor = this.#actors.get(number);
    if (actor) this.#actors.move(actor, this.now(), actor.chart.stateOf(snapshot.value), snapshot);
  }

  stepped({ number }: ObservedActor, { event, taken, snapshot }: MacroStep): void {
    const actor = this.#actors.get(number);
    if (!actor) return;
    const { chart } = actor;
    const at = this.now();
    const name = chart.eventOf(event, taken);
    const state = chart.stateOf(snapshot.value);
    const transitions = chart.transitionsOf(taken);
    this.#steps += 1;
    this.#log.write(this.#steps, number, at, name, state, transitions);
    actor.steps.write(this.#steps, number, at, name, state, transitions);
    this.#actors.move(actor, at, state, snapshot);
    for (const transition of transitions) this.#transitions.counts.add(transition);
    if (taken.length === 0 && !event.type.startsWith('xstate.')) this.#ignoredEvents += 1;
  }

  ended({ number }: ObservedActor, status: 'done' | 'stopped' | 'error'): void {
    const actor = this.#actors.get(number);
    if (actor) this.#actors.end(actor, this.now(), status);
  }

  /** @param ending Made from an event of the server by `endingOf`. */
  addEnding(ending: Omit<Ending, 'at'>): void {
    this.#endings.push({ ...ending, at: Math.round(this.now()) });
    if (this.#endings.length > this.#limits.endings) this.#endings.shift();
    this.#endingsTotal += 1;
    this.#endingCounts.add(this.#names.numberOf(ending.state));
  }

  /** @param read Called at most once a second, and only while a viewer asks for changes. */
  setViews(read: () => Views): void {
    this.#readViews = read;
  }

  /** @param read Called for each frame, so that its numbers are of the same moment as the actors in it. */
  setDiagnosis(read: () => Diagnosis): void {
    this.#readDiagnosis = read;
  }

  /** The views are read again for the next frame. */
  expireViews(): void {
    this.#viewsAt = Number.NEGATIVE_INFINITY;
  }

  open({ actions }: { readonly actions: boolean }): Viewer {
    return new RecorderViewer(this, actions);
  }

  /** ms since the recorder began. */
  now(): number {
    return this.#clock.now() - this.#startedAt;
  }

  changesSince(given: Cursor): { readonly changes: Changes; readonly cursor: Cursor } {
    const cursor = this.#actors.reachesBackTo(given.change) ? given : restarted(given);
    const isFirst = cursor.change === 0;
    const views = this.#latestViews();
    const diagnosis = this.#readDiagnosis?.() ?? null;
    const focusedSteps = [...cursor.focus].flatMap(
      ([actor, step]) => this.#actors.get(actor)?.steps.after(step) ?? [],
    );
    const changes: Changes = {
      ...(isFirst && { about: this.#about }),
      ...withoutEmpty({
        ...this.#actors.changesSince(cursor.change),
        log: this.#log.after(cursor.step, MAX_LOG_STEPS),
        focusedSteps,
        transitionCounts: this.#transitions.counts.since(cursor.transitionCounts),
        endingCounts: this.#endingCounts.since(cursor.endingCounts),
        endings: this.#endingsSince(cursor.endings, isFirst),
        names: this.#names.from(cursor.names),
        transitions: this.#transitions.from(cursor.transitions),
      }),
      ...(this.#steps > cursor.step && { logTotal: this.#steps - cursor.step }),
      ...(this.#ignoredEvents > cursor.ignoredEvents && { ignoredEvents: this.#ignoredEvents }),
      ...(this.#actors.unrecorded > cursor.unrecordedActors && {
        unrecordedActors: this.#actors.unrecorded,
      }),
      ...(views && views !== cursor.views && { views }),
      ...(diagnosis && !isEqual(diagnosis, cursor.diagnosis) && { diagnosis }),
    };
    return {
      changes,
      cursor: {
        change: this.#actors.change,
        step: this.#steps,
        endings: this.#endingsTotal,
        names: this.#names.size,
        transitions: this.#transitions.size,
        ignoredEvents: this.#ignoredEvents,
        unrecordedActors: this.#actors.unrecorded,
        transitionCounts: this.#transitions.counts.copy(),
        endingCounts: this.#endingCounts.copy(),
        views,
        diagnosis,
        focus: advanced(cursor.focus, focusedSteps),
      },
    };
  }

  /** How much it holds; `bytes` is what steps take, the part that a flood of events could make grow. */
  get size() {
    const { actors, forgotten, bytes } = this.#actors.size;
    return {
      actors,
      forgotten,
      bytes: bytes + this.#log.bytes,
      /** So far, kept or not. */
      steps: this.#steps,
      names: this.#names.size,
      transitions: this.#transitions.size,
      endings: this.#endings.length,
    };
  }

  #chartOf(machine: AnyStateMachine): ChartNumbers {
    const known = this.#charts.get(machine);
    if (known) return known;
    const chart = new ChartNumbers(machine, this.#names, this.#transitions);
    this.#charts.set(machine, chart);
    return chart;
  }

  /** @param isFirst All that are kept. */
  #endingsSince(count: number, isFirst: boolean): readonly Ending[] {
    const most = isFirst ? this.#limits.endings : MAX_FRAME_ENDINGS;
    const wanted = Math.min(this.#endingsTotal - count, this.#endings.length, most);
    return wanted === 0 ? [] : this.#endings.slice(-wanted);
  }

  #latestViews(): Views | null {
    const now = this.#clock.now();
    if (this.#readViews && now - this.#viewsAt >= VIEWS_MS) {
      this.#viewsAt = now;
      this.#views = this.#readViews();
    }
    return this.#views;
  }
}

const isEqual = (one: Diagnosis, other: Diagnosis | null): boolean =>
  one.is === other?.is && one.sentence === other.sentence && one.remedy === other.remedy;

/** Most bytes that the steps of so many actors can take. */
export const stepBytes = (actors: number): number =>
  (actors * (FIRST_STEPS + LATEST_STEPS) + LOG_STEPS) * STEP_BYTES;

/** For a viewer that missed which actors to forget: as if it had read nothing, with the same focus. */
const restarted = ({ focus }: Cursor): Cursor => ({
  ...START,
  focus: new Map([...focus.keys()].map((actor) => [actor, 0])),
});

function advanced(focus: Cursor['focus'], sent: readonly Step[]): Cursor['focus'] {
  const latest = new Map<ActorNumber, number>(focus);
  for (const [sequence, actor] of sent) latest.set(actor, sequence);
  return latest;
}

function withoutEmpty<Lists extends Readonly<Record<string, readonly unknown[]>>>(
  lists: Lists,
): Partial<Lists> {
  return Object.fromEntries(
    Object.entries(lists).filter(([, list]) => list.length > 0),
  ) as Partial<Lists>;
}
