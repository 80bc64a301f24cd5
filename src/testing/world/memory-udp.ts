/** UDP between the hosts of a simulated world: datagrams that are late, lost, doubled, overtaken or turned away by a NAT. */
import { type Endpoint, formatEndpoint } from '../../io/wire/endpoint.ts';
import type { Host, Internet } from './internet.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Largest datagram that arrives, in bytes: an Ethernet frame without the headers of IPv4 and UDP. */
export const MAX_DATAGRAM_BYTES = 1472;

/** Datagrams on their way at once; more are lost, as in a router that is full. Ours. */
const MAX_IN_FLIGHT = 65_536;

/** Times as long a datagram takes at most that is overtaken. */
const REORDER_FACTOR = 4;

const FIRST_FREE_PORT = 49_152;

export type Datagram = {
  readonly bytes: Uint8Array;
  /** Where it seems to come from. Answers go there. */
  readonly from: Endpoint;
};

export type DatagramSocket = {
  readonly local: Endpoint;
  /** Never fails: what does not fit, or is lost, is not heard of again. */
  send(bytes: Uint8Array, to: Endpoint): void;
  /** Does nothing when it is closed. */
  close(): void;
};

export type UdpHooks = {
  /** Hears of every datagram that is handed to a socket. */
  readonly onDelivered?: (from: string, to: string, bytes: Uint8Array) => void;
};

type Bound = {
  readonly host: Host;
  readonly local: Endpoint;
  readonly onDatagram: (datagram: Datagram) => void;
};

export class MemoryUdp {
  readonly #internet: Internet;
  readonly #random: SeededRandom;
  readonly #hooks: UdpHooks;
  readonly #sockets = new Map<string, Bound>();
  /** Timers. At most MAX_IN_FLIGHT. */
  readonly #inFlight = new Set<unknown>();
  #lastPort = FIRST_FREE_PORT - 1;
  #lost = 0;

  constructor(internet: Internet, random: SeededRandom, hooks: UdpHooks = {}) {
    this.#internet = internet;
    this.#random = random;
    this.#hooks = hooks;
  }

  /** Where somebody is bound. */
  get bound(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** Datagrams that reached nobody so far. */
  get lost(): number {
    return this.#lost;
  }

  /**
   * @param port 0 for one that is free.
   * @throws {Error} EADDRINUSE.
   */
  bind(host: Host, port: number, onDatagram: (datagram: Datagram) => void): DatagramSocket {
    const local = { host: host.address, port: port || this.#freePort() };
    const place = formatEndpoint(local);
    if (this.#sockets.has(place)) throw new Error(`EADDRINUSE: ${place}`);
    const bound: Bound = { host, local, onDatagram };
    this.#sockets.set(place, bound);
    return {
      local,
      send: (bytes, to) => {
        if (this.#sockets.get(place) === bound) this.#send(bound, bytes, to);
      },
      close: () => {
        if (this.#sockets.get(place) === bound) this.#sockets.delete(place);
      },
    };
  }

  /** Loses whatever is on its way. */
  loseAll(): void {
    for (const timer of this.#inFlight) this.#internet.clock.clearTimeout(timer);
    this.#lost += this.#inFlight.size;
    this.#inFlight.clear();
  }

  #send({ host, local }: Bound, bytes: Uint8Array, to: Endpoint): void {
    const isNear = this.#internet.find(to.host, host)?.nat === host.nat;
    const from = host.nat && !isNear ? host.nat.outbound(local, to) : local;
    const copy = new Uint8Array(bytes); // a network shares no memory
    const { lossRate, duplicateRate } = this.#internet.between(host.address, to.host);
    if (bytes.length > MAX_DATAGRAM_BYTES || this.#happens(lossRate)) {
      this.#lost += 1;
      return;
    }
    const times = this.#happens(duplicateRate) ? 2 : 1;
    for (let time = 0; time < times; time += 1) this.#carry(host, from, to, copy);
  }

  #carry(host: Host, from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    if (this.#inFlight.size >= MAX_IN_FLIGHT) {
      this.#lost += 1;
      return;
    }
    const isOvertaken = this.#happens(this.#internet.between(host.address, to.host).reorderRate);
    const factor = isOvertaken ? 1 + this.#random.fraction() * (REORDER_FACTOR - 1) : 1;
    const timer = this.#internet.clock.setTimeout(() => {
      this.#inFlight.delete(timer);
      this.#arrive(host, from, to, bytes);
    }, this.#internet.delayOf(host.address, to.host) * factor);
    this.#inFlight.add(timer);
  }

  #arrive(sender: Host, from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    const place = this.#internet.natAt(to.host)?.inbound(to.port, from) ?? to;
    const bound = this.#sockets.get(formatEndpoint(place));
    const isForThem = place !== to || this.#internet.find(to.host, sender) !== null;
    if (!bound || !isForThem || this.#internet.isCut(sender.address, bound.host.address)) {
      this.#lost += 1;
      return;
    }
    this.#hooks.onDelivered?.(formatEndpoint(from), formatEndpoint(bound.local), bytes);
    bound.onDatagram({ bytes, from });
  }

  /** Draws only when it can happen, so that a setting which is off changes nothing else. */
  #happens(rate: number): boolean {
    return rate > 0 && this.#random.chance(rate);
  }

  #freePort(): number {
    this.#lastPort = this.#lastPort >= 65_535 ? FIRST_FREE_PORT : this.#lastPort + 1;
    return this.#lastPort;
  }
}
