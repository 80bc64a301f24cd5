/** A rule of an explanation: when it applies, and what it says then. */
import type { Confidence } from '../api/explanation.ts';
import type { Direction } from '../machines/connection/connection.ts';
import type { Facts } from '../machines/reason-states.ts';

/** What the rules see of an ending. */
export type Case = {
  /** Null when there was no connection. */
  readonly direction: Direction | null;
  /** The last state before the ending, `peer` for a peer, null without a connection. */
  readonly during: string | null;
  /** How long that had lasted, in ms. */
  readonly duringMs: number;
  readonly bytesIn: number;
  /** Their name in Hello; empty if none came. */
  readonly client: string;
  /** What was shared, such as `eth/69`. */
  readonly protocols: readonly string[];
  readonly facts: Facts;
};

/** What is left out stays as the chart has it. */
export type Verdict = {
  readonly verdict?: string;
  readonly remedy?: string;
  readonly confidence: Confidence;
};

export type Rule = Verdict & { readonly when: (seen: Case) => boolean };
