/** UDP between the hosts of a simulated world, with latency, loss, duplicates, reordering and NAT. */
import type {
  BindDatagrams,
  Datagram,
  DatagramSocket,
} from '../../io/discovery/datagram-socket.ts';
import { type Endpoint, formatEndpoint } from '../../io/wire/endpoint.ts';
import type { Host, Internet } from './internet.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Largest datagram that arrives, in bytes: an Ethernet frame without the headers of IPv4 and UDP. */
export const MAX_DATAGRAM_BYTES = 1472;

/** Datagrams in flight; more are lost, as in a full router. Our choice. */
const MAX_IN_FLIGHT = 65_536;

/** Highest factor on the latency of a reordered datagram. */
const REORDER_FACTOR = 4;

const FIRST_FREE_PORT = 49_152;

export type UdpHooks = {
  /** Called with every datagram that is delivered to a socket. */
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

  /** Endpoints of all bound sockets. */
  get bound(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** Number of datagrams that were not delivered. */
  get lost(): number {
    return this.#lost;
  }

  /**
   * @param port 0 for a free one.
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

  /** The port `datagrams` of a server on this host. */
  binderOf(host: Host): BindDatagrams {
    return async ({ port }, { onDatagram }) => this.bind(host, port, onDatagram);
  }

  /** Loses all datagrams in flight. */
  dropInFlight(): void {
    for (const timer of this.#inFlight) this.#internet.clock.clearTimeout(timer);
    this.#lost += this.#inFlight.size;
    this.#inFlight.clear();
  }

  #send({ host, local }: Bound, bytes: Uint8Array, to: Endpoint): void {
    const isSameNetwork = this.#internet.find(to.host, host)?.nat === host.nat;
    const from = host.nat && !isSameNetwork ? host.nat.outbound(local, to) : local;
    const copy = new Uint8Array(bytes); // the receiver must not share the sender's memory
    const { lossRate, duplicateRate } = this.#internet.between(host.address, to.host);
    if (bytes.length > MAX_DATAGRAM_BYTES || this.#chance(lossRate)) {
      this.#lost += 1;
      return;
    }
    const times = this.#chance(duplicateRate) ? 2 : 1;
    for (let time = 0; time < times; time += 1) this.#transmit(host, from, to, copy);
  }

  #transmit(host: Host, from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    if (this.#inFlight.size >= MAX_IN_FLIGHT) {
      this.#lost += 1;
      return;
    }
    const isReordered = this.#chance(this.#internet.between(host.address, to.host).reorderRate);
    const factor = isReordered ? 1 + this.#random.fraction() * (REORDER_FACTOR - 1) : 1;
    const timer = this.#internet.clock.setTimeout(() => {
      this.#inFlight.delete(timer);
      this.#deliver(host, from, to, bytes);
    }, this.#internet.delayOf(host.address, to.host) * factor);
    this.#inFlight.add(timer);
  }

  #deliver(sender: Host, from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    const place = this.#internet.natAt(to.host)?.inbound(to.port, from) ?? to;
    const bound = this.#sockets.get(formatEndpoint(place));
    const isReachable = place !== to || this.#internet.find(to.host, sender) !== null;
    if (!bound || !isReachable || this.#internet.isCut(sender.address, bound.host.address)) {
      this.#lost += 1;
      return;
    }
    this.#hooks.onDelivered?.(formatEndpoint(from), formatEndpoint(bound.local), bytes);
    bound.onDatagram({ bytes, from });
  }

  /** Draws only for rates above 0, so that an unused setting does not change the other draws. */
  #chance(rate: number): boolean {
    return rate > 0 && this.#random.chance(rate);
  }

  #freePort(): number {
    this.#lastPort = this.#lastPort >= 65_535 ? FIRST_FREE_PORT : this.#lastPort + 1;
    return this.#lastPort;
  }
}
