/**
 * A chart's state as one word, such as `encHandshake.awaitingAck`. Parallel regions are joined, each with its whole path:
 * `stopping.connections.ended+stopping.listener`.
 */
import type { StateValue } from 'xstate';

export function statePath(value: StateValue): string {
  return pathsIn(value, '').join('+');
}

function pathsIn(value: StateValue, outer: string): readonly string[] {
  if (typeof value === 'string') return [outer + value];
  return Object.entries(value).flatMap(([key, inner]) => {
    const within = inner === undefined ? [] : pathsIn(inner, `${outer}${key}.`);
    return within.length === 0 ? [outer + key] : within;
  });
}
