/**
 * A router that lends one public address to the hosts behind it. Which port a host seems to come from, and who may
 * answer, follows from its shape. Words: RFC 3489, section 5; times and terms: RFC 4787.
 */

import type { Clock } from '../../io/process/clock.ts';
import { type Endpoint, formatEndpoint } from '../../io/wire/endpoint.ts';

/**
 * Who reaches a port that was lent: with `fullCone` everybody, with `addressRestricted` hosts that were sent something,
 * with `portRestricted` ports that were sent something. `symmetric` lends another port for each remote, and lets only
 * that one answer.
 */
export type NatShape = 'fullCone' | 'addressRestricted' | 'portRestricted' | 'symmetric';

/** How long a port stays lent without a datagram from inside, in ms. Source: RFC 4787, REQ-5: two minutes or more. */
const LEASE_MS = 120_000;

/** Ports that can be lent at once; the one that was used longest ago is taken back. Ours. */
const MAX_LEASES = 4096;

const FIRST_PORT = 40_000;

type Lease = {
  readonly key: string;
  readonly inside: Endpoint;
  readonly port: number;
  /** Whom it sent to: endpoints, and hosts. At most MAX_REMOTES; what is more is not let in. */
  readonly remotes: Set<string>;
  usedAt: number;
};

/** Endpoints and hosts one lease remembers. */
const MAX_REMOTES = 8192;

export class Nat {
  /** What the world sees. */
  readonly address: string;
  readonly shape: NatShape;
  readonly #clock: Clock;
  /** The one that was used longest ago first. */
  readonly #leases = new Map<string, Lease>();
  readonly #byPort = new Map<number, Lease>();
  #lastPort = FIRST_PORT;

  constructor(address: string, shape: NatShape, clock: Clock) {
    this.address = address;
    this.shape = shape;
    this.#clock = clock;
  }

  /** Where a datagram from `inside` to `remote` seems to come from. Lends a port, or goes on lending it. */
  outbound(inside: Endpoint, remote: Endpoint): Endpoint {
    const key =
      this.shape === 'symmetric'
        ? `${formatEndpoint(inside)} ${formatEndpoint(remote)}`
        : formatEndpoint(inside);
    const lease = this.#current(key) ?? this.#lend(key, inside);
    lease.usedAt = this.#clock.now();
    this.#leases.delete(key);
    this.#leases.set(key, lease);
    if (lease.remotes.size < MAX_REMOTES)
      lease.remotes.add(formatEndpoint(remote)).add(remote.host);
    return { host: this.address, port: lease.port };
  }

  /** Who gets a datagram from `remote` to this port; null when nobody may. */
  inbound(port: number, remote: Endpoint): Endpoint | null {
    const found = this.#byPort.get(port);
    const lease = found && this.#current(found.key);
    if (!lease || !this.#letsIn(lease, remote)) return null;
    return lease.inside;
  }

  /** The port a TCP connection from inside seems to come from: a fresh one each time. */
  tcpPort(): number {
    return this.#nextPort();
  }

  #letsIn({ remotes }: Lease, remote: Endpoint): boolean {
    if (this.shape === 'fullCone') return true;
    return remotes.has(this.shape === 'addressRestricted' ? remote.host : formatEndpoint(remote));
  }

  #current(key: string): Lease | undefined {
    const lease = this.#leases.get(key);
    if (lease && this.#clock.now() - lease.usedAt > LEASE_MS) return this.#takeBack(lease);
    return lease;
  }

  #lend(key: string, inside: Endpoint): Lease {
    const [oldest] = this.#leases.values();
    if (oldest && this.#leases.size >= MAX_LEASES) this.#takeBack(oldest);
    const lease = { key, inside, port: this.#nextPort(), remotes: new Set<string>(), usedAt: 0 };
    this.#byPort.set(lease.port, lease);
    return lease;
  }

  #takeBack({ key, port }: Lease): undefined {
    this.#leases.delete(key);
    this.#byPort.delete(port);
  }

  #nextPort(): number {
    do this.#lastPort = this.#lastPort >= 65_535 ? FIRST_PORT : this.#lastPort + 1;
    while (this.#byPort.has(this.#lastPort));
    return this.#lastPort;
  }
}
