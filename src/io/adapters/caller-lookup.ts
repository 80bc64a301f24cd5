/**
 * Adds time, source prefix and the NetRestrict result to a new socket.
 * Reads no byte and decides nothing: the listener machine does.
 */
import { fromCallback } from 'xstate';
import type { ByteStream } from '../link/byte-stream.ts';
import type { Clock } from '../process/clock.ts';
import { isLan, type NetRestrict, parseIp, sourceKey } from '../wire/ip-address.ts';

/** What is known about a caller before it sends a byte. */
export type Caller = {
  /** Ms on the clock of the server. */
  readonly at: number;
  /** An IPv4 address or an IPv6 /64; null for a stream without an IP address, such as a pipe. */
  readonly source: string | null;
  /** The address is loopback, private, link-local or unique-local. */
  readonly isLan: boolean;
  /** The address is outside NetRestrict. */
  readonly isRestricted: boolean;
};

export type CallerLookupCommand = { readonly type: 'look.up'; readonly stream: ByteStream };

/** The answer to each command, sent before the listener processes any other event. */
export type CallerLookupEvent = {
  readonly type: 'caller.seen';
  readonly stream: ByteStream;
  readonly caller: Caller;
};

export const callerLookup = (clock: Clock, netRestrict: NetRestrict) =>
  fromCallback<CallerLookupCommand>(({ sendBack, receive }) => {
    const report = (event: CallerLookupEvent): void => sendBack(event);
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
