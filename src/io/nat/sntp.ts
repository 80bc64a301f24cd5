/**
 * SNTP: a time server is asked by how much its clock is ahead of ours. Nothing is set.
 * Sources: RFC 4330, 4 and 5; go-ethereum p2p/discover/ntp.go.
 */
import type { Endpoint } from '../wire/endpoint.ts';
import type { NatSurroundings } from './gateway.ts';
import type { StunOptions } from './stun.ts';
import { exchange } from './udp-exchange.ts';

/** Source: RFC 4330. */
const NTP_PORT = 123;

/** Asked one after the other when none is given. Ours: each is run by a large operator for everyone. */
export const TIME_SERVERS: readonly Endpoint[] = [
  { host: 'time.cloudflare.com', port: NTP_PORT },
  { host: 'time.google.com', port: NTP_PORT },
  { host: 'pool.ntp.org', port: NTP_PORT },
];

/** Longest wait for one server, in ms. Ours. */
export const TIME_SERVER_LIMIT_MS = 3_000;

const PACKET_BYTES = 48;

/** Version 4, from a client. */
const REQUEST = 0x23;
const MODE = 0x07;
const SERVER_MODE = 4;

/** Byte offsets in the packet. */
const STRATUM = 1;
const ORIGINATE = 24;
const TRANSMIT = 40;
const TIMESTAMP_BYTES = 8;

/** From 1900, where NTP begins, to 1970, in s. Source: RFC 868. */
const UNIX_EPOCH_S = 2_208_988_800;

/** The seconds of a packet have 32 bits: from 2036 on they begin at 0 again. Source: RFC 4330, 3. */
const ERA_S = 2 ** 32;

export type SntpOptions = {
  readonly servers?: readonly Endpoint[];
  readonly lookUp: StunOptions['lookUp'];
  /** The clock that is compared, in ms since 1970. */
  readonly unixTimeMs: () => number;
};

/**
 * By how much the clock of the first server that answers is ahead of ours, in ms, to about half the time it took. Rejects
 * with the error of the last one when none answers.
 */
export async function timeAheadMs(
  { servers = TIME_SERVERS, lookUp, unixTimeMs }: SntpOptions,
  surroundings: NatSurroundings,
  signal: AbortSignal,
): Promise<number> {
  let latest = new Error('no time server is known');
  for (const { host, port } of servers) {
    if (signal.aborted) break;
    try {
      const [address] = await lookUp(host, signal);
      if (address === undefined) throw new Error('the name has no address');
      // random bytes in place of our time: only who received them can answer
      const mark = surroundings.random(TIMESTAMP_BYTES);
      const sentAt = unixTimeMs();
      return await exchange(
        {
          ...{ bytes: requestWith(mark), to: { host: address, port } },
          ...{ resendAtMs: [], limitMs: TIME_SERVER_LIMIT_MS },
          read: (bytes) => {
            const now = unixTimeMs();
            const theirs = readTime(bytes, mark, now);
            return theirs === null ? null : theirs - (sentAt + now) / 2;
          },
        },
        surroundings,
        signal,
      );
    } catch (error) {
      latest = new Error(`${host}: ${(error as Error).message}`);
    }
  }
  throw latest;
}

function requestWith(mark: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  bytes[0] = REQUEST;
  bytes.set(mark, TRANSMIT);
  return bytes;
}

/** The time in the answer, in ms since 1970. Null: not an answer to this request, or of a server without the time. */
function readTime(bytes: Uint8Array, mark: Uint8Array, nowMs: number): number | null {
  if (bytes.length < PACKET_BYTES || (bytes[0]! & MODE) !== SERVER_MODE || bytes[STRATUM] === 0)
    return null;
  if (!mark.every((byte, index) => bytes[ORIGINATE + index] === byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seconds = view.getUint32(TRANSMIT);
  const ms = (view.getUint32(TRANSMIT + 4) * 1_000) / ERA_S;
  const inFirstEra = (seconds - UNIX_EPOCH_S) * 1_000 + ms;
  const eras = Math.round((nowMs - inFirstEra) / (ERA_S * 1_000));
  return inFirstEra + eras * ERA_S * 1_000;
}
