/** Finds the addresses of host names in a map, as DNS does in the system. */
import { type EventObject, fromCallback } from 'xstate';
import type { ResolverEvent } from '../../io/adapters/host-resolver.ts';
import type { Clock } from '../../io/process/clock.ts';

/** For the `resolver` port of a server. Answers as soon as the clock moves; who is not in `names` does not exist. */
export function memoryResolver(clock: Clock, names: ReadonlyMap<string, string>) {
  return fromCallback<EventObject, string>(({ input, sendBack }) => {
    const report = (event: ResolverEvent): void => sendBack(event);
    const timer = clock.setTimeout(() => {
      const address = names.get(input);
      if (address === undefined) report({ type: 'host.notFound', detail: `ENOTFOUND ${input}` });
      else report({ type: 'host.found', address });
    }, 0);
    return () => clock.clearTimeout(timer);
  });
}
