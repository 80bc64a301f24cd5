/** The filter of the connections, asked of the lines of a table. */
import { type Attempt, actorsOf, beganAt, endedAt, identityOf, isLive } from './attempts.ts';
import { matches, readFilter, type Subject } from './filter.ts';
import type { Store } from './store.ts';

/** Which connections fit; null when everything does. A connection that nobody knows does not fit. */
export function matchingAttempts(store: Store, text: string): ((key: string) => boolean) | null {
  const terms = readFilter(text);
  if (terms.length === 0) return null;
  return (key) => {
    const attempt = store.attempts.get(key);
    return attempt !== undefined && matches(terms, subjectOf(attempt, store.now));
  };
}

function subjectOf(attempt: Attempt, now: number): Subject {
  const { direction, remote, client, id } = identityOf(attempt);
  const reason = isLive(attempt) ? '' : (attempt.ending?.state ?? '');
  return {
    states: [...actorsOf(attempt).map(({ state }) => state), reason],
    reason,
    direction: direction ?? '',
    remote,
    client,
    id,
    key: attempt.key,
    age: (endedAt(attempt) ?? now) - beganAt(attempt),
  };
}
