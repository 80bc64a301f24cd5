/** A host resolver that reads a map instead of asking DNS. */
import { type EventObject, fromCallback } from 'xstate';
import type { ResolverEvent } from '../../io/adapters/host-resolver.ts';
import type { Clock } from '../../io/process/clock.ts';

/** For the `resolver` port of a server. Answers after 0 ms; names that are not in the map do not exist. */
export function memoryResolver(
  clock: Clock,
  names: ReadonlyMap<string, string | readonly string[]>,
) {
  return fromCallback<EventObject, string>(({ input, sendBack }) => {
    const report = (event: ResolverEvent): void => sendBack(event);
    const timer = clock.setTimeout(() => {
      const [address, ...others] = [names.get(input) ?? []].flat();
      if (address === undefined) report({ type: 'host.notFound', detail: `ENOTFOUND ${input}` });
      else report({ type: 'host.found', address, ...(others.length > 0 && { others }) });
    }, 0);
    return () => clock.clearTimeout(timer);
  });
}
