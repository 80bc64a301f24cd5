/** A doorman that sees in each newcomer what the test says. */

import type { Caller, DoormanCommand, DoormanEvent } from '../../src/io/adapters/caller-lookup.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import { FakeActor } from './fake-actor.ts';

/** Somebody who is always let in. */
export const neighbour: Caller = { at: 0, source: '10.0.0.9', isLan: true, isRestricted: false };

export type FakeDoorman = FakeActor<DoormanCommand, DoormanEvent, unknown>;

/** Answers at once; a stream that was not given to `callers` is a neighbour's. */
export function fakeDoorman(callers = new WeakMap<ByteStream, Caller>()): FakeDoorman {
  const doorman: FakeDoorman = new FakeActor(({ stream }) =>
    doorman.report({ type: 'caller.seen', stream, caller: callers.get(stream) ?? neighbour }),
  );
  return doorman;
}
