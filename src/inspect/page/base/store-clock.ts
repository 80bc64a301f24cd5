/** What time it is at the node, between two frames. */

import type { Store } from '../model/store.ts';
import type { Session } from './session.ts';

/** More than this without a frame is not guessed at while it lasts, in ms. */
const MAX_GUESS_MS = 3_600_000;

/** ms since the recorder began; stands still when the page does. */
export function nowOf(store: Store, session: Session, clock = () => performance.now()): number {
  if (session.connectivity.value !== 'live') return store.now;
  return store.now + Math.min(MAX_GUESS_MS, Math.max(0, clock() - store.receivedAt));
}
