/**
 * A NAT router: hosts behind it share one public address. Its shape decides which public port a host gets and which
 * remotes may send to that port. Shapes: RFC 3489, section 5. Times and terms: RFC 4787.
 */

import type { Clock } from '../../io/process/clock.ts';
import { type Endpoint, formatEndpoint } from '../../io/wire/endpoint.ts';

/**
 * Which remotes may send to a mapped port. `fullCone`: all. `addressRestricted`: hosts that the inside host has sent to.
 * `portRestricted`: endpoints that it has sent to. `symmetric`: each remote endpoint gets a port of its own, and only
 * that endpoint may send to it.
 */
export type NatShape = 'fullCone' | 'addressRestricted' | 'portRestricted' | 'symmetric';

/** A mapping expires this long after the last datagram from inside, in ms. Source: RFC 4787, REQ-5: at least 2 min. */
const MAPPING_TIMEOUT_MS = 120_000;

/** Most mappings at once; the least recently used one is removed for a new one. Our choice. */
const MAX_MAPPINGS = 4096;

const FIRST_PORT = 40_000;

type Mapping = {
  readonly key: string;
  readonly inside: Endpoint;
  readonly port: number;
  /** Endpoints and hosts that it sent to. At most MAX_REMOTES; further ones may not send. */
  readonly remotes: Set<string>;
  usedAt: number;
};

/** Most endpoints and hosts that one mapping stores. */
const MAX_REMOTES = 8192;

export class Nat {
  /** The public address. */
  readonly address: string;
  readonly shape: NatShape;
  readonly #clock: Clock;
  /** Least recently used first. */
  readonly #mappings = new Map<string, Mapping>();
  readonly #byPort = new Map<number, Mapping>();
  #lastPort = FIRST_PORT;

  constructor(address: string, shape: NatShape, clock: Clock) {
    this.address = address;
    this.shape = shape;
    this.#clock = clock;
  }

  /** Public source of a datagram from `inside` to `remote`. Creates or renews the mapping. */
  outbound(inside: Endpoint, remote: Endpoint): Endpoint {
    const key =
      this.shape === 'symmetric'
        ? `${formatEndpoint(inside)} ${formatEndpoint(remote)}`
        : formatEndpoint(inside);
    const mapping = this.#current(key) ?? this.#createMapping(key, inside);
    mapping.usedAt = this.#clock.now();
    this.#mappings.delete(key);
    this.#mappings.set(key, mapping);
    if (mapping.remotes.size < MAX_REMOTES)
      mapping.remotes.add(formatEndpoint(remote)).add(remote.host);
    return { host: this.address, port: mapping.port };
  }

  /** The inside endpoint for a datagram from `remote` to this port; null when it is not allowed. */
  inbound(port: number, remote: Endpoint): Endpoint | null {
    const found = this.#byPort.get(port);
    const mapping = found && this.#current(found.key);
    if (!mapping || !this.#isAllowed(mapping, remote)) return null;
    return mapping.inside;
  }

  /** A new public port for one TCP connection from inside. */
  tcpPort(): number {
    return this.#nextPort();
  }

  #isAllowed({ remotes }: Mapping, remote: Endpoint): boolean {
    if (this.shape === 'fullCone') return true;
    return remotes.has(this.shape === 'addressRestricted' ? remote.host : formatEndpoint(remote));
  }

  #current(key: string): Mapping | undefined {
    const mapping = this.#mappings.get(key);
    if (mapping && this.#clock.now() - mapping.usedAt > MAPPING_TIMEOUT_MS)
      return this.#removeMapping(mapping);
    return mapping;
  }

  #createMapping(key: string, inside: Endpoint): Mapping {
    const [oldest] = this.#mappings.values();
    if (oldest && this.#mappings.size >= MAX_MAPPINGS) this.#removeMapping(oldest);
    const mapping = { key, inside, port: this.#nextPort(), remotes: new Set<string>(), usedAt: 0 };
    this.#byPort.set(mapping.port, mapping);
    return mapping;
  }

  #removeMapping({ key, port }: Mapping): undefined {
    this.#mappings.delete(key);
    this.#byPort.delete(port);
  }

  #nextPort(): number {
    do this.#lastPort = this.#lastPort >= 65_535 ? FIRST_PORT : this.#lastPort + 1;
    while (this.#byPort.has(this.#lastPort));
    return this.#lastPort;
  }
}
