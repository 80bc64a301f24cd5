/**
 * Who is where in a simulated world, and how the way between two hosts is: slow, lossy, cut. Carries no byte itself;
 * `memory-tcp.ts` and `memory-udp.ts` do.
 */
import type { Clock } from '../../io/process/clock.ts';
import type { Nat } from './nat.ts';
import type { SeededRandom } from './seeded-random.ts';

export type Host = {
  /** An IP literal, of the public or, behind a NAT, of the private kind. */
  readonly address: string;
  /** Null for a host with a public address. */
  readonly nat: Nat | null;
};

/** The way between two hosts, the same in both directions. Rates are from 0 to 1. */
export type LinkSettings = {
  /** One way, in ms. */
  readonly latencyMs: number;
  /** Up to this much more, drawn for each packet. */
  readonly jitterMs: number;
  /** Packets that do not arrive. TCP sends them again, so that there it is time that is lost; 1 is no link at all. */
  readonly lossRate: number;
  /** UDP: datagrams that arrive twice. */
  readonly duplicateRate: number;
  /** UDP: datagrams that take up to four times as long, so that later ones overtake them. */
  readonly reorderRate: number;
  /** TCP: what one direction of a connection carries. */
  readonly bytesPerSecond: number;
  /** TCP: longest piece that arrives at once; the length of each is drawn from 1 to it. 0: pieces stay as written. */
  readonly pieceBytes: number;
};

export const DEFAULT_LINK: LinkSettings = Object.freeze({
  latencyMs: 20,
  jitterMs: 5,
  lossRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  pieceBytes: 0,
});

/** TCP tries again after this time, in ms, then twice that, and so on. Source: Linux, TCP_RTO_MIN. */
const RETRANSMIT_MS = 200;

/** Times one packet is lost in a row at most: a simulated way is bad, not gone. */
const MAX_LOSSES = 10;

export class Internet {
  readonly clock: Clock;
  readonly #random: SeededRandom;
  readonly #base: LinkSettings;
  readonly #hosts = new Map<string, Host>();
  readonly #nats = new Map<string, Nat>();
  readonly #links = new Map<string, LinkSettings>();
  readonly #unreachable = new Set<string>();
  /** The side of each host that is on one; the others are on a side of their own. Null without a partition. */
  #sides: ReadonlyMap<string, number> | null = null;
  /** What waits for the end of a partition, in the order it came. */
  readonly #parked = new Set<() => void>();

  constructor(clock: Clock, random: SeededRandom, link: Partial<LinkSettings> = {}) {
    this.clock = clock;
    this.#random = random;
    this.#base = { ...DEFAULT_LINK, ...link };
  }

  /** @throws {TypeError} Somebody has that address. */
  join(host: Host): void {
    if (this.#hosts.has(host.address) || this.#nats.has(host.address))
      throw new TypeError(`${host.address} belongs to another host of this world`);
    this.#hosts.set(host.address, host);
    if (host.nat) this.#nats.set(host.nat.address, host.nat);
  }

  /** Whom `from` reaches at an address: hosts behind a NAT only from behind the same one. */
  find(address: string, from: Host): Host | null {
    const host = this.#hosts.get(address);
    return host && (host.nat === null || host.nat === from.nat) ? host : null;
  }

  /** The router at a public address. */
  natAt(address: string): Nat | null {
    return this.#nats.get(address) ?? null;
  }

  /** Whatever is sent there is answered with "no route", and not with silence. */
  setUnreachable(address: string): void {
    this.#unreachable.add(address);
  }

  isUnreachable(address: string): boolean {
    return this.#unreachable.has(address);
  }

  /** From now on; what is on its way already arrives as it would have. */
  setLink(a: string, b: string, settings: Partial<LinkSettings>): void {
    this.#links.set(pairOf(a, b), { ...this.between(a, b), ...settings });
  }

  between(a: string, b: string): LinkSettings {
    if (this.#links.size === 0) return this.#base; // asked for every packet
    return this.#links.get(pairOf(a, b)) ?? this.#base;
  }

  /** Hosts of different groups do not hear each other; those in no group are another group. Ends an earlier one. */
  partition(groups: readonly (readonly string[])[]): void {
    const sides = new Map<string, number>();
    groups.forEach((group, side) => {
      for (const address of group) sides.set(address, side);
    });
    this.#sides = sides;
    this.#release();
  }

  heal(): void {
    this.#sides = null;
    this.#release();
  }

  isCut(a: string, b: string): boolean {
    return this.#sides !== null && this.#sides.get(a) !== this.#sides.get(b);
  }

  /** How long one packet takes, in ms; a host reaches itself at once. */
  delayOf(a: string, b: string): number {
    if (a === b) return 0;
    const { latencyMs, jitterMs } = this.between(a, b);
    return latencyMs + (jitterMs > 0 ? this.#random.fraction() * jitterMs : 0);
  }

  /** What losses add to it when every lost packet is sent again, in ms. */
  retransmissionOf(a: string, b: string): number {
    const { lossRate } = this.between(a, b);
    let losses = 0;
    while (losses < MAX_LOSSES && lossRate > 0 && this.#random.chance(lossRate)) losses += 1;
    return RETRANSMIT_MS * (2 ** losses - 1);
  }

  /** Runs once something sent now has arrived, however often it had to be sent. @returns a function that calls it off. */
  deliver(a: string, b: string, run: () => void): () => void {
    let callOff = (): void => {};
    const arrive = (): void => {
      if (this.isCut(a, b)) callOff = this.park(send);
      else run();
    };
    const send = (): void => {
      const delay = this.delayOf(a, b) + this.retransmissionOf(a, b);
      const timer = this.clock.setTimeout(arrive, delay);
      callOff = () => this.clock.clearTimeout(timer);
    };
    send();
    return () => callOff();
  }

  /** Calls `run` when the partition ends or changes. @returns a function that forgets it. */
  park(run: () => void): () => void {
    const parked = (): void => run();
    this.#parked.add(parked);
    return () => this.#parked.delete(parked);
  }

  #release(): void {
    const released = [...this.#parked];
    this.#parked.clear();
    for (const run of released) run();
  }
}

const pairOf = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
