/**
 * Looks at newcomers: when each came, from where, and whether we deal with that place at all.
 * It touches no byte and decides nothing; the listener machine does.
 */
import { fromCallback } from 'xstate';
import type { ByteStream } from '../link/byte-stream.ts';
import type { Clock } from '../process/clock.ts';
import { isLan, type NetRestrict, parseIp, sourceKey } from '../wire/ip-address.ts';

/** What can be known of somebody who has not said a word. */
export type Caller = {
  /** Ms on the clock of the server. */
  readonly at: number;
  /** An IPv4 address or an IPv6 /64; null for a stream without an IP address, such as a pipe. */
  readonly source: string | null;
  /** From our own machine or network. */
  readonly isLan: boolean;
  /** Outside of NetRestrict. */
  readonly isRestricted: boolean;
};

export type DoormanCommand = { readonly type: 'look.at'; readonly stream: ByteStream };

/** Answers each command, before anything else can happen to the listener. */
export type DoormanEvent = {
  readonly type: 'caller.seen';
  readonly stream: ByteStream;
  readonly caller: Caller;
};

export const callerLookup = (clock: Clock, netRestrict: NetRestrict) =>
  fromCallback<DoormanCommand>(({ sendBack, receive }) => {
    const report = (event: DoormanEvent): void => sendBack(event);
    receive(({ stream }) => {
      const caller = { at: clock.now(), ...placeOf(stream.remote.host, netRestrict) };
      report({ type: 'caller.seen', stream, caller });
    });
  });

function placeOf(host: string, netRestrict: NetRestrict): Omit<Caller, 'at'> {
  const address = parseIp(host);
  if (!address) return { source: null, isLan: false, isRestricted: false };
  const isRestricted = !netRestrict(host);
  return { source: sourceKey(address), isLan: isLan(address), isRestricted };
}
