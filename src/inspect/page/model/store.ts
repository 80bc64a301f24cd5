/**
 * The data of the page, collected from the frames of one source, with names resolved and every collection bounded.
 * Components read `changed` to be drawn again.
 */
import { type Signal, signal } from '@preact/signals';

import type { About, ActorEntry, ActorNumber, Ending, Frame, Step, Views } from '../../protocol.ts';
import { Attempts } from './attempts.ts';
import type { Actor, ActorStep, Transition } from './entities.ts';
import { readFrame } from './frame-reading.ts';
import { Rates } from './rates.ts';

/** Largest size of each collection. The oldest ended actors are dropped first; the others are never reached by a valid source. */
const MAX = {
  actors: 24_000,
  names: 65_536,
  transitions: 16_384,
  ended: 1_000,
  endStates: 1_000,
};
/** Kept steps of all actors, and kept endings. */
const MAX_LOG = 400;
const MAX_ENDINGS = 1_000;
/** Steps of one actor in focus: more than a recorder keeps. */
const MAX_HISTORY = 4_096;
/** Actors in focus; the limit of `Viewer`. */
const MAX_FOCUS = 4;

export class Store {
  /** Counts changes. */
  readonly changed: Signal<number> = signal(0);

  about: About | null = null;
  /** Time of the last frame in ms since the recorder started, and its arrival by `performance.now()`. */
  now = 0;
  receivedAt = 0;
  /** Frame rate limit. */
  hz = 0;
  /** Frames that the server dropped because the page was slow. */
  skipped = 0;
  /** Unhandled events, counted by the recorder. */
  ignored = 0;
  /** Actors beyond the limit of the recorder. */
  unseen = 0;
  /** Parts of frames that could not be read. */
  unreadable = 0;
  views: Views | null = null;
  /** Null in a recording. */
  diagnosis: Frame['diagnosis'] | null = null;
  readonly actors = new Map<ActorNumber, Actor>();
  /** Connections and dials with their actors. */
  readonly attempts = new Attempts();
  readonly transitions: Transition[] = [];
  readonly rates = new Rates();
  /** A sample of all steps, oldest first. */
  readonly log: ActorStep[] = [];
  /** Oldest first. */
  readonly endings: Ending[] = [];
  /** How often connections, peers and dials ended in each state, kept in `endings` or not. */
  readonly endingTotals = new Map<string, number>();
  /** Steps of the actors in focus, by actor, oldest first. */
  readonly histories = new Map<ActorNumber, ActorStep[]>();

  #names: string[] = [];

  /** Never throws; unreadable parts are dropped. @returns whether it was a frame. */
  apply(value: unknown, receivedAt = 0): boolean {
    const read = readFrame(value);
    if (!read) {
      this.unreadable += 1;
      this.changed.value += 1;
      return false;
    }
    const { frame, dropped } = read;
    if (frame.about) this.clear();
    this.unreadable += dropped;
    this.#put(frame, receivedAt);
    this.changed.value += 1;
    return true;
  }

  /** Steps fetched separately; the frame has its own names and transitions. */
  applyHistories(value: unknown): void {
    const read = readFrame(value);
    if (!read) return;
    const { names = [], transitions: entries = [], focusedSteps = [] } = read.frame;
    const name = (place: number) => names[place] ?? UNKNOWN;
    const own = entries.map(([machine, source, event, target]) =>
      this.#transitionOf(name(machine), name(source), name(event), name(target)),
    );
    // the page is paused and the actor is not: later steps are not shown
    const steps = focusedSteps.filter(([, , at]) => at <= this.now);
    this.#addSteps(steps.map((step) => taken(step, names, own)));
    this.changed.value += 1;
  }

  /** Removes all data. */
  clear(): void {
    this.about = null;
    this.views = null;
    this.diagnosis = null;
    this.#names = [];
    for (const list of [this.transitions, this.log, this.endings]) list.length = 0;
    for (const map of [this.actors, this.histories, this.endingTotals]) map.clear();
    this.attempts.clear();
    this.rates.clear();
    this.skipped = 0;
    this.ignored = 0;
    this.unseen = 0;
    this.unreadable = 0;
    this.now = 0;
  }

  /** Drops the steps of all other actors. */
  focus(actors: readonly ActorNumber[]): void {
    for (const actor of this.histories.keys())
      if (!actors.includes(actor)) this.histories.delete(actor);
  }

  #put(frame: Frame, receivedAt: number): void {
    const elapsed = frame.about ? 0 : Math.max(0, frame.t - this.now);
    this.now = frame.t;
    this.receivedAt = receivedAt;
    this.hz = frame.hz;
    if (frame.about) this.about = frame.about;
    if (frame.views) this.views = frame.views;
    if (frame.diagnosis) this.diagnosis = frame.diagnosis;
    this.skipped += frame.skippedFrames ?? 0;
    this.ignored = frame.ignoredEvents ?? this.ignored;
    this.unseen = frame.unrecordedActors ?? this.unseen;
    extend(this.#names, frame.names, MAX.names);
    const name = (place: number) => this.#names[place] ?? UNKNOWN;
    const transitions = (frame.transitions ?? []).map(
      ([machine, source, event, target]): Transition => ({
        machine: name(machine),
        source: name(source),
        event: name(event),
        target: name(target),
        total: 0,
      }),
    );
    extend(this.transitions, transitions, MAX.transitions);
    const updated = (frame.actors ?? []).flatMap((entry) => this.#enter(entry) ?? []);
    for (const [number, state, at, steps] of frame.moved ?? []) {
      const actor = this.actors.get(number);
      if (actor) Object.assign(actor, { state: name(state), at, steps });
    }
    for (const [number, row] of frame.rows ?? []) {
      const actor = this.actors.get(number);
      if (!actor) continue;
      actor.row = row;
      updated.push(actor);
    }
    for (const [number, at, status] of frame.actorsEnded ?? []) {
      const actor = this.actors.get(number);
      if (actor) Object.assign(actor, { status, endedAt: at });
    }
    for (const actor of updated) this.attempts.join(actor);
    for (const number of frame.forgotten ?? []) this.#forget(number);
    this.#count(frame, elapsed);
    this.#countEndings(frame);
    extend(this.endings, frame.endings, Number.POSITIVE_INFINITY);
    for (const ending of frame.endings ?? []) this.attempts.end(ending);
    keepLast(this.endings, MAX_ENDINGS);
    const step = (one: Step) => taken(one, this.#names, this.transitions);
    extend(this.log, frame.log?.map(step), Number.POSITIVE_INFINITY);
    keepLast(this.log, MAX_LOG);
    if (frame.focusedSteps) this.#addSteps(frame.focusedSteps.map(step));
    this.#keepBounds();
  }

  #enter(entry: ActorEntry): Actor | null {
    const [number, machine, id, parent, startedAt, state, at, steps, status, row] = entry;
    if (this.actors.size >= MAX.actors) return null;
    const actor: Actor = {
      number,
      machine: this.#names[machine] ?? UNKNOWN,
      id,
      parent: parent < 0 ? null : parent,
      startedAt,
      state: this.#names[state] ?? UNKNOWN,
      at,
      steps,
      status,
      endedAt: status === 'active' ? null : at,
      row,
    };
    this.actors.set(number, actor);
    return actor;
  }

  /** The first frame has the totals, which do not count for the rates. */
  #count({ transitionCounts = [], logTotal = 0, about }: Frame, elapsed: number): void {
    for (const [number, times] of transitionCounts) {
      const transition = this.transitions[number];
      if (!transition) continue;
      transition.total += times;
      if (!about) this.rates.add(transition, times);
    }
    this.rates.passed(elapsed, logTotal);
  }

  /** A recording has no counts: its frames have all endings, up to 1,000 in one. */
  #countEndings({ endingCounts, endings = [] }: Frame): void {
    const counts =
      endingCounts?.map(([name, times]) => [this.#names[name] ?? UNKNOWN, times] as const) ??
      endings.map(({ state }) => [state, 1] as const);
    for (const [state, times] of counts) {
      const known = this.endingTotals.get(state);
      if (known === undefined && this.endingTotals.size >= MAX.endStates) continue;
      this.endingTotals.set(state, (known ?? 0) + times);
    }
  }

  #addSteps(steps: readonly ActorStep[]): void {
    for (const step of steps) {
      const history = this.histories.get(step.actor);
      if (!history) {
        if (this.histories.size < MAX_FOCUS) this.histories.set(step.actor, [step]);
        continue;
      }
      const last = history.at(-1)!.sequence;
      if (step.sequence > last) history.push(step); // a new focus sends known steps again
    }
    for (const history of this.histories.values()) keepLast(history, MAX_HISTORY);
  }

  #forget(number: ActorNumber): void {
    this.actors.delete(number);
    this.attempts.forget(number);
  }

  /** Recorders report forgotten actors; this bounds the store if one does not. */
  #keepBounds(): void {
    if (this.actors.size <= MAX.ended) return;
    const ended = [...this.actors.values()].filter(({ status }) => status !== 'active');
    ended.sort((a, b) => a.endedAt! - b.endedAt!);
    for (const { number } of ended.slice(0, Math.max(0, ended.length - MAX.ended)))
      this.#forget(number);
  }

  #transitionOf(machine: string, source: string, event: string, target: string): Transition {
    const known = this.transitions.find(
      (transition) =>
        transition.machine === machine &&
        transition.source === source &&
        transition.event === event &&
        transition.target === target,
    );
    return known ?? { machine, source, event, target, total: 0 };
  }
}

/** For an index without a name. */
const UNKNOWN = '?';

function taken(
  [sequence, actor, at, event, state, ...transitions]: Step,
  names: readonly string[],
  known: readonly Transition[],
): ActorStep {
  return {
    sequence,
    actor,
    at,
    event: names[event] ?? UNKNOWN,
    state: names[state] ?? UNKNOWN,
    transitions: transitions.flatMap((transition) => known[transition] ?? []),
  };
}

function extend<Item>(list: Item[], more: readonly Item[] | undefined, most: number): void {
  for (const item of more ?? []) if (list.length < most) list.push(item);
}

function keepLast(list: unknown[], most: number): void {
  if (list.length > most) list.splice(0, list.length - most);
}
