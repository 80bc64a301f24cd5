/** A state of a chart in one word, such as `encHandshake.awaitingAck`; parallel regions are joined by `+`. */
import type { StateValue } from 'xstate';

export function statePath(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([key, inner]) => {
      const path = inner === undefined ? '' : statePath(inner);
      return path === '' ? key : `${key}.${path}`;
    })
    .join('+');
}
