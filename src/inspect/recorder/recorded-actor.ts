/** One actor in the recorder: where it is, what it did, and when each of that changed. */
import type { AnyMachineSnapshot } from 'xstate';
import type { ObservedActor } from '../../actors/lifecycle.ts';
import type { ActorEnd, ActorEntry, ActorNumber, Moved, Row, Status } from '../protocol.ts';
import type { ChartNumbers } from './chart-numbers.ts';
import { rowOf } from './projection.ts';
import { type StepRing, tenths } from './step-ring.ts';

/** Change counters: a viewer at N asks for everything after N; 0 means never. */
export class RecordedActor {
  readonly number: ActorNumber;
  readonly chart: ChartNumbers;
  readonly steps: StepRing;
  readonly #id: string;
  readonly #parent: ActorNumber;
  readonly #startedAt: number;
  /** When it got its first state, took its last step, and ended; as change counters. */
  #entered = 0;
  #moved = 0;
  #ended = 0;
  #state = 0;
  /** When it came to this state, and when it ended; in ms. */
  #at = 0;
  #endedAt = 0;
  #status: Status = 'active';
  /** The last one; null once the actor has ended. */
  #snapshot: AnyMachineSnapshot | null = null;
  /** When its context was replaced last, as a change counter. */
  #contextChanged = 0;
  /** The row, the context it was made of, and the change that made it what it is. */
  #row: Row | null = null;
  #rowContext: unknown = null;
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
    this.#startedAt = at;
  }

  /** When it got its first state; 0 before that. */
  get entered(): number {
    return this.#entered;
  }

  /** When anything of it changed last. */
  get changed(): number {
    return Math.max(this.#moved, this.#ended);
  }

  move(change: number, at: number, state: number, snapshot: AnyMachineSnapshot): void {
    if (this.#entered === 0) this.#entered = change;
    if (state !== this.#state) this.#at = at;
    if (snapshot.context !== this.#snapshot?.context) this.#contextChanged = change;
    this.#state = state;
    this.#moved = change;
    this.#snapshot = snapshot;
  }

  end(change: number, at: number, status: Status): void {
    this.#currentRow();
    this.#ended = change;
    this.#endedAt = at;
    this.#status = status;
    this.#snapshot = null;
    this.#rowContext = null;
  }

  entry(): ActorEntry {
    return [
      this.number,
      this.chart.name,
      this.#id,
      this.#parent,
      tenths(this.#startedAt),
      this.#state,
      tenths(this.#at),
      this.steps.count,
      this.#status,
      this.#currentRow(),
    ];
  }

  /** Null when it has taken no step since that change. */
  movedSince(change: number): Moved | null {
    if (this.#moved <= change) return null;
    return [this.number, this.#state, tenths(this.#at), this.steps.count];
  }

  /** Null when it has the row that it had at that change. */
  rowSince(change: number): Row | null {
    const row = this.#currentRow();
    return this.#rowChanged > change ? row : null;
  }

  /** Null when it had ended before that change, or runs. */
  endSince(change: number): ActorEnd | null {
    if (this.#ended <= change) return null;
    return [this.number, tenths(this.#endedAt), this.#status];
  }

  /** Kept until the context is replaced. Made when it is asked for: most contexts are replaced before that. */
  #currentRow(): Row | null {
    const snapshot = this.#snapshot;
    if (!snapshot || snapshot.context === this.#rowContext) return this.#row;
    this.#rowContext = snapshot.context;
    const row = rowOf(this.chart.machine, snapshot);
    if (row === this.#row || JSON.stringify(row) === JSON.stringify(this.#row)) return this.#row;
    this.#row = row;
    this.#rowChanged = this.#contextChanged;
    return row;
  }
}
