/** A caller lookup that answers each stream with the result that the test chose. */

import type {
  Caller,
  CallerLookupCommand,
  CallerLookupEvent,
} from '../../src/io/adapters/caller-lookup.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import { FakeActor } from './fake-actor.ts';

/** A caller that is always accepted. */
export const neighbour: Caller = { at: 0, source: '10.0.0.9', isLan: true, isRestricted: false };

export type FakeCallerLookup = FakeActor<CallerLookupCommand, CallerLookupEvent, unknown>;

/** Answers at once; a stream that is not in `callers` is a neighbour's. */
export function fakeCallerLookup(callers = new WeakMap<ByteStream, Caller>()): FakeCallerLookup {
  const callerLookup: FakeCallerLookup = new FakeActor(({ stream }) =>
    callerLookup.report({ type: 'caller.seen', stream, caller: callers.get(stream) ?? neighbour }),
  );
  return callerLookup;
}
