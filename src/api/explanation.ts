/** What an ending means: the answer of `explain`. */
import type { Confidence } from '../machines/reason-states.ts';

export type { Confidence };

/** Fit for logs, terminals and JSON: text of strangers is only in the evidence, escaped and cut. */
export type Explanation = {
  /** The cause, in one sentence. */
  readonly verdict: string;
  /** What a person can do about it. */
  readonly remedy: string;
  readonly confidence: Confidence;
  /** What was seen: never empty. */
  readonly evidence: readonly string[];
};
