/**
 * One lookup of a host name as an actor. It does not use `dns.lookup`: getaddrinfo cannot be cancelled, occupies one of
 * the four threads of libuv, which file access needs too, and keeps the process from ending. See `host-lookup.ts`.
 */
import { type EventObject, fromCallback } from 'xstate';

import { systemClock } from '../process/clock.ts';
import { lookUpHost } from './host-lookup.ts';
import { HostLookups } from './host-lookups.ts';

export type ResolverEvent =
  /** `others` are tried after `address`, in this order. */
  | { readonly type: 'host.found'; readonly address: string; readonly others?: readonly string[] }
  /** The name has no address: a name server said so. */
  | { readonly type: 'host.notFound'; readonly detail: string }
  /** Whether it has one is not known: the lookup failed. */
  | { readonly type: 'host.lookupFailed'; readonly detail: string };

/** For the `resolver` port of a server. Actors that look up the same name share one lookup; a stopped one is cancelled. */
export function hostResolverOf(lookups: HostLookups) {
  return fromCallback<EventObject, string>(({ input, sendBack }) => {
    const report = (event: ResolverEvent): void => sendBack(event);
    return lookups.find(input, (answer) => {
      if ('failure' in answer)
        return report({ type: `host.${answer.failure}`, detail: answer.detail });
      const [address, ...others] = answer.addresses;
      report({ type: 'host.found', address, ...(others.length > 0 && { others }) });
    });
  });
}

/** All servers of a process share its lookups. */
export const hostResolver = hostResolverOf(
  new HostLookups({ lookUp: lookUpHost, clock: systemClock }),
);
