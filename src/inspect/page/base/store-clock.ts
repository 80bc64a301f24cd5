/** The time at the node between two frames. */

import type { Store } from '../model/store.ts';
import type { Session } from './session.ts';

/** Longest time that is added to the last frame, in ms. */
const MAX_GUESS_MS = 3_600_000;

/** ms since the recorder started; stops while the page is not live. */
export function nowOf(store: Store, session: Session, clock = () => performance.now()): number {
  if (session.connectivity.value !== 'live') return store.now;
  return store.now + Math.min(MAX_GUESS_MS, Math.max(0, clock() - store.receivedAt));
}
