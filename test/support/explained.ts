/** Events as a server tells them, from the part of them that a test cares about. */

import type { ConnectionStats } from '../../src/api/endings.ts';
import type { Explained } from '../../src/api/server-events.ts';
import { explain, type Outcome } from '../../src/explain/explain.ts';

/** A connection that came to nothing at once. */
export const NO_EFFORT: ConnectionStats = { ms: 0, bytesIn: 0, bytesOut: 0 };

export const explained = <Some extends Outcome>(outcome: Some): Some & Explained => ({
  ...outcome,
  explanation: explain(outcome),
});
