/** The filter of the connections, for the rows of a table. */
import { filterSubjectOf, rowOf } from './connection-rows.ts';
import { matches, readFilter } from './filter.ts';
import type { Store } from './store.ts';

/** Tells which connections match; null for an empty filter. An unknown connection does not match. */
export function matchingAttempts(store: Store, text: string): ((key: string) => boolean) | null {
  const terms = readFilter(text);
  if (terms.length === 0) return null;
  return (key) => {
    const attempt = store.attempts.get(key);
    return attempt !== undefined && matches(terms, filterSubjectOf(rowOf(attempt), store.now));
  };
}
