/** One actor in the recorder: where it is, what it did, and when each of that changed. */
import type { AnyMachineSnapshot } from 'xstate';
import type { ObservedActor } from '../../actors/lifecycle.ts';
import type { ActorEnd, ActorEntry, ActorNumber, Moved, Row, Status } from '../protocol.ts';
import type { ChartNumbers } from './chart-numbers.ts';
import { rowOf } from './projection.ts';
import { type StepRing, tenths } from './step-ring.ts';

/** Numbers of changes: whoever has seen all up to one asks for what is above it. 0 is never. */
export class RecordedActor {
  readonly number: ActorNumber;
  readonly chart: ChartNumbers;
  readonly steps: StepRing;
  /** Of anything. */
  changed = 0;
  /** It has a state since then. */
  entered = 0;
  ended = 0;
  readonly #id: string;
  readonly #parent: ActorNumber;
  readonly #bornAt: number;
  #state = 0;
  #at = 0;
  #moved = 0;
  #endedAt = 0;
  #status: Status = 'active';
  /** Its last one; null once it is over. */
  #snapshot: AnyMachineSnapshot | null = null;
  /** What the row was made of. */
  #shown: unknown = null;
  #row: Row | null = null;
  #rowChanged = 0;

  constructor(
    { number, id, parent }: ObservedActor,
    chart: ChartNumbers,
    at: number,
    steps: StepRing,
  ) {
    this.number = number;
    this.chart = chart;
    this.steps = steps;
    this.#id = id;
    this.#parent = parent ?? -1;
    this.#bornAt = at;
  }

  move(change: number, at: number, state: number, snapshot: AnyMachineSnapshot): void {
    if (this.entered === 0) this.entered = change;
    if (state !== this.#state) this.#at = at;
    this.#state = state;
    this.#moved = change;
    this.changed = change;
    this.#snapshot = snapshot;
  }

  end(change: number, at: number, status: Status): void {
    this.look(change);
    this.ended = change;
    this.changed = change;
    this.#endedAt = at;
    this.#status = status;
    this.#snapshot = null;
    this.#shown = null;
  }

  /** Makes its row anew if that may have changed. It is done here, and not at every step, since it costs more. */
  look(change: number): void {
    const snapshot = this.#snapshot;
    if (!snapshot || snapshot.context === this.#shown) return;
    this.#shown = snapshot.context;
    const row = rowOf(this.chart.machine, snapshot);
    if (row === this.#row || JSON.stringify(row) === JSON.stringify(this.#row)) return;
    this.#row = row;
    this.#rowChanged = change;
    this.changed = change;
  }

  entry(): ActorEntry {
    return [
      this.number,
      this.chart.name,
      this.#id,
      this.#parent,
      tenths(this.#bornAt),
      this.#state,
      tenths(this.#at),
      this.steps.count,
      this.#status,
      this.#row,
    ];
  }

  /** Null when it has not moved since that change. */
  movedSince(change: number): Moved | null {
    if (this.#moved <= change) return null;
    return [this.number, this.#state, tenths(this.#at), this.steps.count];
  }

  rowSince(change: number): Row | null {
    return this.#rowChanged > change ? this.#row : null;
  }

  over(): ActorEnd {
    return [this.number, tenths(this.#endedAt), this.#status];
  }
}
