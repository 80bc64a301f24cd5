/**
 * All actors of a recorder, in memory that does not grow: the oldest ended ones are forgotten, and their memory is used
 * for new ones. It counts the changes that viewers ask for.
 */
import type { AnyMachineSnapshot } from 'xstate';
import type { ObservedActor } from '../../actors/lifecycle.ts';
import { EndedActors } from '../brief-actors.ts';
import type { ActorEnd, ActorEntry, ActorNumber, Moved, RowEntry } from '../protocol.ts';
import type { ChartNumbers } from './chart-numbers.ts';
import { RecordedActor } from './recorded-actor.ts';
import { StepRing } from './step-ring.ts';

/** Steps that are kept of each actor: the first and the latest. */
export const FIRST_STEPS = 32;
export const LATEST_STEPS = 96;

/** Forgotten actors that a late viewer is told of; one that missed more starts again with a first frame. */
const MAX_FORGOTTEN = 4_096;

export type ActorLimits = {
  /** Running actors; those beyond are counted and not recorded. The server bounds them as well. */
  readonly actors: number;
  /** Ended actors; the oldest are forgotten. */
  readonly ended: number;
};

export class RecordedActors {
  readonly #limits: ActorLimits;
  /** In the order of their start, ended ones included. At most `limits.actors + limits.ended`. */
  readonly #actors = new Map<ActorNumber, RecordedActor>();
  /** At most `limits.ended`. */
  readonly #ended: EndedActors<RecordedActor>;
  /** Memory of forgotten actors, for new ones; at most `limits.ended`. */
  readonly #spare: StepRing[] = [];
  /** Oldest first; at most MAX_FORGOTTEN. */
  readonly #forgotten: Forgotten[] = [];
  /** Change of the last one that is no longer in `#forgotten`. */
  #forgottenBefore = 0;
  /** The start of the recorder is change 1, so that 0 means never. */
  #change = 1;
  #unrecorded = 0;

  constructor(limits: ActorLimits) {
    this.#limits = limits;
    this.#ended = new EndedActors(limits.ended, ({ chart }) => chart.machine.id);
  }

  /** Counter of the last change. */
  get change(): number {
    return this.#change;
  }

  /** Actors that there was no room for. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  get size(): { readonly actors: number; readonly forgotten: number; readonly bytes: number } {
    const rings = [...this.#spare, ...[...this.#actors.values()].map(({ steps }) => steps)];
    return {
      actors: this.#actors.size,
      forgotten: this.#forgotten.length,
      bytes: rings.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  get(number: ActorNumber): RecordedActor | undefined {
    return this.#actors.get(number);
  }

  start(actor: ObservedActor, chart: ChartNumbers, at: number): void {
    if (this.#actors.size - this.#ended.size >= this.#limits.actors) {
      this.#unrecorded += 1;
      return;
    }
    const steps = this.#spare.pop() ?? new StepRing(FIRST_STEPS, LATEST_STEPS);
    this.#actors.set(actor.number, new RecordedActor(actor, chart, at, steps));
  }

  move(actor: RecordedActor, at: number, state: number, snapshot: AnyMachineSnapshot): void {
    actor.move(this.#next(), at, state, snapshot);
  }

  end(actor: RecordedActor, at: number, status: 'done' | 'stopped' | 'error'): void {
    actor.end(this.#next(), at, status);
    for (const oldest of this.#ended.add(actor)) this.#forget(oldest);
  }

  /** Whether changes since then can be told: whom to forget is known only so far back. */
  reachesBackTo(change: number): boolean {
    return change >= this.#forgottenBefore;
  }

  changesSince(change: number): ActorChanges {
    const actors: ActorEntry[] = [];
    const moved: Moved[] = [];
    const rows: RowEntry[] = [];
    const actorsEnded: ActorEnd[] = [];
    for (const actor of this.#actors.values()) {
      if (actor.changed <= change || actor.entered === 0) continue;
      if (actor.entered > change) {
        actors.push(actor.entry());
        continue;
      }
      const move = actor.movedSince(change);
      if (move) moved.push(move);
      const row = actor.rowSince(change);
      if (row) rows.push([actor.number, row]);
      const end = actor.endSince(change);
      if (end) actorsEnded.push(end);
    }
    const forgotten = this.#forgotten
      .filter(({ forgotten: at, entered }) => at > change && entered > 0 && entered <= change)
      .map(({ number }) => number);
    return { actors, moved, rows, actorsEnded, forgotten };
  }

  #forget({ number, steps, entered }: RecordedActor): void {
    this.#actors.delete(number);
    steps.clear();
    if (this.#spare.length < this.#limits.ended) this.#spare.push(steps);
    this.#forgotten.push({ number, entered, forgotten: this.#next() });
    if (this.#forgotten.length <= MAX_FORGOTTEN) return;
    this.#forgottenBefore = this.#forgotten.splice(0, MAX_FORGOTTEN / 2).at(-1)!.forgotten;
  }

  #next(): number {
    this.#change += 1;
    return this.#change;
  }
}

/** Parts of a frame. */
export type ActorChanges = {
  /** Started since then. */
  readonly actors: readonly ActorEntry[];
  readonly moved: readonly Moved[];
  readonly rows: readonly RowEntry[];
  readonly actorsEnded: readonly ActorEnd[];
  readonly forgotten: readonly ActorNumber[];
};

/** Change counters of when it got its first state, and when it was forgotten. */
type Forgotten = {
  readonly number: ActorNumber;
  readonly entered: number;
  readonly forgotten: number;
};
