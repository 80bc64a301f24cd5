/** A caller lookup that answers for each stream with what the test says. */

import type {
  Caller,
  CallerLookupCommand,
  CallerLookupEvent,
} from '../../src/io/adapters/caller-lookup.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import { FakeActor } from './fake-actor.ts';

/** Somebody who is always let in. */
export const neighbour: Caller = { at: 0, source: '10.0.0.9', isLan: true, isRestricted: false };

export type FakeCallerLookup = FakeActor<CallerLookupCommand, CallerLookupEvent, unknown>;

/** Answers at once; a stream that was not given to `callers` is a neighbour's. */
export function fakeCallerLookup(callers = new WeakMap<ByteStream, Caller>()): FakeCallerLookup {
  const callerLookup: FakeCallerLookup = new FakeActor(({ stream }) =>
    callerLookup.report({ type: 'caller.seen', stream, caller: callers.get(stream) ?? neighbour }),
  );
  return callerLookup;
}
