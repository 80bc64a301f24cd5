/** The filter of the connections, asked of the lines of a table. */
import { rowOf, subjectOf } from './connection-rows.ts';
import { matches, readFilter } from './filter.ts';
import type { Store } from './store.ts';

/** Which connections fit; null when everything does. A connection that nobody knows does not fit. */
export function matchingAttempts(store: Store, text: string): ((key: string) => boolean) | null {
  const terms = readFilter(text);
  if (terms.length === 0) return null;
  return (key) => {
    const attempt = store.attempts.get(key);
    return attempt !== undefined && matches(terms, subjectOf(rowOf(attempt), store.now));
  };
}
