/** What the store holds: actors, transitions of charts, and steps of actors. */
import type { ActorNumber, Row, Status } from '../../protocol.ts';

export type Actor = {
  readonly number: ActorNumber;
  readonly machine: string;
  readonly id: string;
  /** Null for roots. */
  readonly parent: ActorNumber | null;
  /** Times are ms since the recorder started. */
  readonly startedAt: number;
  state: string;
  /** When it entered this state. */
  at: number;
  steps: number;
  status: Status;
  /** Null while it runs. */
  endedAt: number | null;
  row: Row | null;
};

/** A transition of a chart. `target` is empty when the actor stays in its state. */
export type Transition = {
  readonly machine: string;
  readonly source: string;
  readonly event: string;
  readonly target: string;
  /** How often it was taken since the recorder started. */
  total: number;
};

/** One event that an actor handled. */
export type ActorStep = {
  readonly sequence: number;
  readonly actor: ActorNumber;
  readonly at: number;
  readonly event: string;
  /** The state after it. */
  readonly state: string;
  readonly transitions: readonly Transition[];
};
