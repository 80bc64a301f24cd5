/** The result of `explain`: why something ended. */
import type { Confidence } from '../machines/reason-states.ts';

export type { Confidence };

/** Safe for logs, terminals and JSON: text of remotes is only in `evidence`, escaped and shortened. */
export type Explanation = {
  /** The cause, in one sentence. */
  readonly verdict: string;
  /** What the operator can do about it. */
  readonly remedy: string;
  readonly confidence: Confidence;
  /** What this side observed; never empty. */
  readonly evidence: readonly string[];
};
