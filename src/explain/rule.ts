/** A rule of an explanation: when it applies, and the sentences and confidence it gives. */
import type { Confidence } from '../api/explanation.ts';
import type { Direction } from '../machines/connection/connection.ts';
import type { Facts } from '../machines/reason-states.ts';

/** What rules can ask about an ending. */
export type EndingFacts = {
  /** Null when there was no connection. */
  readonly direction: Direction | null;
  /** The last state before the ending, `peer` for a peer, null without a connection. */
  readonly during: string | null;
  /** Time in that state, in ms. */
  readonly duringMs: number;
  readonly bytesIn: number;
  /** Their client name in Hello; empty without a Hello. */
  readonly client: string;
  /** Shared protocols, such as `eth/69`. */
  readonly protocols: readonly string[];
  readonly facts: Facts;
};

/** A sentence that is absent is taken from the chart. */
type RuleSentences = {
  readonly verdict?: string;
  readonly remedy?: string;
  readonly confidence: Confidence;
};

export type Rule = RuleSentences & { readonly when: (seen: EndingFacts) => boolean };
