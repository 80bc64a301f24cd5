/**
 * The simulated network: hosts with their addresses, and latency, loss and partitions between them. It moves no bytes;
 * `memory-tcp.ts` and `memory-udp.ts` do.
 */
import type { Clock } from '../../io/process/clock.ts';
import type { Nat } from './nat.ts';
import type { SeededRandom } from './seeded-random.ts';

export type Host = {
  /** An IP literal; a private one behind a NAT. */
  readonly address: string;
  /** Null for a host with a public address. */
  readonly nat: Nat | null;
};

/** A link between two hosts, the same in both directions. Rates are probabilities from 0 to 1. */
export type LinkSettings = {
  /** One-way latency in ms. */
  readonly latencyMs: number;
  /** Highest random addition to the latency of each packet, in ms. */
  readonly jitterMs: number;
  /** Packets that are lost. TCP retransmits them, which adds latency. */
  readonly lossRate: number;
  /** UDP datagrams that arrive twice. */
  readonly duplicateRate: number;
  /** UDP datagrams that take up to four times as long, so that later ones overtake them. */
  readonly reorderRate: number;
  /** Bandwidth of one direction of a TCP connection. */
  readonly bytesPerSecond: number;
  /** Bytes of one direction of a TCP connection that are sent and not yet read before a write waits: the buffers of both systems. */
  readonly bufferBytes: number;
  /** Longest TCP chunk; the length of each is random, from 1 to this. 0: chunks arrive as written. */
  readonly pieceBytes: number;
};

export const DEFAULT_LINK: LinkSettings = Object.freeze({
  latencyMs: 20,
  jitterMs: 5,
  lossRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  bufferBytes: 64 * 1024,
  pieceBytes: 0,
});

/** First retransmission timeout of TCP, in ms; each further one is twice as long. Source: Linux, TCP_RTO_MIN. */
const RETRANSMIT_MS = 200;

/** Most losses of one packet in a row, so that a lossy link still delivers. */
const MAX_LOSSES = 10;

export class Internet {
  readonly clock: Clock;
  readonly #random: SeededRandom;
  readonly #base: LinkSettings;
  readonly #hosts = new Map<string, Host>();
  readonly #nats = new Map<string, Nat>();
  readonly #links = new Map<string, LinkSettings>();
  readonly #unreachable = new Set<string>();
  /** Address → number of its group; hosts in no group form one more. Null without a partition. */
  #groups: ReadonlyMap<string, number> | null = null;
  /** Callbacks for the end of the partition, in the order of registration. */
  readonly #waitingForHeal = new Set<() => void>();

  constructor(clock: Clock, random: SeededRandom, link: Partial<LinkSettings> = {}) {
    this.clock = clock;
    this.#random = random;
    this.#base = { ...DEFAULT_LINK, ...link };
  }

  /** @throws {TypeError} The address is in use. */
  join(host: Host): void {
    if (this.#hosts.has(host.address) || this.#nats.has(host.address))
      throw new TypeError(`the address ${host.address} is in use by another host of this world`);
    this.#hosts.set(host.address, host);
    if (host.nat) this.#nats.set(host.nat.address, host.nat);
  }

  /** The host that `from` reaches at an address. Hosts behind a NAT are only reachable from behind the same NAT. */
  find(address: string, from: Host): Host | null {
    const host = this.#hosts.get(address);
    return host && (host.nat === null || host.nat === from.nat) ? host : null;
  }

  /** The NAT router at a public address. */
  natAt(address: string): Nat | null {
    return this.#nats.get(address) ?? null;
  }

  /** Connections to this address fail with EHOSTUNREACH instead of timing out. */
  setUnreachable(address: string): void {
    this.#unreachable.add(address);
  }

  isUnreachable(address: string): boolean {
    return this.#unreachable.has(address);
  }

  /** From now on; packets in flight keep their latency. */
  setLink(a: string, b: string, settings: Partial<LinkSettings>): void {
    this.#links.set(pairOf(a, b), { ...this.between(a, b), ...settings });
  }

  between(a: string, b: string): LinkSettings {
    if (this.#links.size === 0) return this.#base; // runs for every packet
    return this.#links.get(pairOf(a, b)) ?? this.#base;
  }

  /** Separates the groups; hosts in no group form one more. Replaces an earlier partition. */
  partition(groups: readonly (readonly string[])[]): void {
    const groupOf = new Map<string, number>();
    groups.forEach((group, number) => {
      for (const address of group) groupOf.set(address, number);
    });
    this.#groups = groupOf;
    this.#release();
  }

  heal(): void {
    this.#groups = null;
    this.#release();
  }

  isCut(a: string, b: string): boolean {
    return this.#groups !== null && this.#groups.get(a) !== this.#groups.get(b);
  }

  /** Latency of one packet in ms; 0 from a host to itself. */
  delayOf(a: string, b: string): number {
    if (a === b) return 0;
    const { latencyMs, jitterMs } = this.between(a, b);
    return latencyMs + (jitterMs > 0 ? this.#random.fraction() * jitterMs : 0);
  }

  /** Additional latency of one TCP packet by retransmissions, in ms. */
  retransmissionOf(a: string, b: string): number {
    const { lossRate } = this.between(a, b);
    let losses = 0;
    while (losses < MAX_LOSSES && lossRate > 0 && this.#random.chance(lossRate)) losses += 1;
    return RETRANSMIT_MS * (2 ** losses - 1);
  }

  /** Calls `run` when a packet sent now has arrived, after retransmissions and partitions. @returns Cancels it. */
  deliver(a: string, b: string, run: () => void): () => void {
    let cancel = (): void => {};
    const arrive = (): void => {
      if (this.isCut(a, b)) cancel = this.afterPartition(send);
      else run();
    };
    const send = (): void => {
      const delay = this.delayOf(a, b) + this.retransmissionOf(a, b);
      const timer = this.clock.setTimeout(arrive, delay);
      cancel = () => this.clock.clearTimeout(timer);
    };
    send();
    return () => cancel();
  }

  /** Calls `run` when the partition ends or changes. @returns Cancels it. */
  afterPartition(run: () => void): () => void {
    const waiting = (): void => run(); // a new function: one callback may be registered twice
    this.#waitingForHeal.add(waiting);
    return () => this.#waitingForHeal.delete(waiting);
  }

  #release(): void {
    const released = [...this.#waitingForHeal];
    this.#waitingForHeal.clear();
    for (const run of released) run();
  }
}

const pairOf = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
