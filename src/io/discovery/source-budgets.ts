/**
 * How much strangers can make one discovery socket do: packets and answers for each source, work with keys in all.
 * A source is an IPv4 address or an IPv6 /64. What is asked for which packet is decided in `packet-check.ts`.
 */
import { BoundedMap } from '../process/bounded-map.ts';
import type { Clock } from '../process/clock.ts';
import { TokenBucket } from '../process/token-bucket.ts';
import { kindOfHost, parseIp, sourceKey } from '../wire/ip-address.ts';

type Rate = {
  readonly perSecond: number;
  /** How many at once. */
  readonly size: number;
};

/** Sources: security limits; what they leave open is ours. */
export const SOURCE_LIMITS = Object.freeze({
  /** Questions of one source. */
  packets: { perSecond: 10, size: 20 },
  /** Pongs to endpoints of one source that have proven nothing. */
  pongs: { perSecond: 2, size: 20 },
  /** Pings to endpoints of one source that have proven nothing. At once: 15 nodes behind one address, as in hive. */
  pings: { perSecond: 1 / 30, size: 20 },
  /** Pongs to all endpoints that have proven nothing, and pings. */
  allPongs: { perSecond: 200, size: 200 },
  allPings: { perSecond: 200, size: 200 },
  /** WHOAREYOU to one source, and to all of the internet or of the LAN. Two at once: the second repeats the first. */
  whoareyous: { perSecond: 1, size: 2 },
  allWhoareyous: { perSecond: 100, size: 100 },
} satisfies Record<string, Rate>);

/** The same machine and the LAN may do so many times more: whole test networks share one address there. Ours. */
export const LAN_FACTOR = 100;

/** Sources that are remembered; one that was forgotten starts with full budgets. */
export const MAX_SOURCES = 10_000;

/**
 * Key recoveries, in ms of work in a second: a fifth of a core, as much again for answers that we wait for. So a slow
 * implementation does fewer. Source: security limits.
 */
const RECOVERY_MS = { perSecond: 200, size: 200 };

/** What one recovery costs at least and at most, in ms: a clock that stands still must not make it free. */
const MIN_RECOVERY_MS = 0.1;
const MAX_RECOVERY_MS = 5;

/** What is charged in advance for the keys of a session, in ms: about what they cost with native code. */
const USUAL_AGREEMENT_MS = 1;

type PerSource = 'packets' | 'pongs' | 'pings' | 'whoareyous';

/** Why a packet was not let in, or not answered. */
export type BudgetRefusal = 'sourceBudget' | 'answerBudget' | 'recoveryBudget';

export class SourceBudgets {
  readonly #clock: Clock;
  /** At most MAX_SOURCES each. */
  readonly #sources: Record<PerSource, BoundedMap<string, TokenBucket>> = {
    packets: new BoundedMap(MAX_SOURCES),
    pongs: new BoundedMap(MAX_SOURCES),
    pings: new BoundedMap(MAX_SOURCES),
    whoareyous: new BoundedMap(MAX_SOURCES),
  };
  readonly #allPongs: TokenBucket;
  readonly #allPings: TokenBucket;
  readonly #allWhoareyous: Record<'public' | 'lan', TokenBucket>;
  readonly #recoveries: Record<'question' | 'answer', WorkBudget>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#allPongs = new TokenBucket({ clock, ...SOURCE_LIMITS.allPongs });
    this.#allPings = new TokenBucket({ clock, ...SOURCE_LIMITS.allPings });
    const { perSecond, size } = SOURCE_LIMITS.allWhoareyous;
    this.#allWhoareyous = {
      public: new TokenBucket({ clock, perSecond, size }),
      lan: new TokenBucket({
        ...{ clock, perSecond: perSecond * LAN_FACTOR, size: size * LAN_FACTOR },
      }),
    };
    this.#recoveries = { question: new WorkBudget(clock), answer: new WorkBudget(clock) };
  }

  /** Sources with a budget in use. */
  get sources(): number {
    return Math.max(this.#sources.packets.size, this.#sources.whoareyous.size);
  }

  takePacket(host: string): boolean {
    return this.#take('packets', host);
  }

  /** For an endpoint that has proven nothing. */
  takePong(host: string): boolean {
    return this.#take('pongs', host) && this.#allPongs.take();
  }

  /** For an endpoint that has proven nothing. */
  takePing(host: string): boolean {
    return this.#take('pings', host) && this.#allPings.take();
  }

  /** For a packet that no key opens. */
  takeWhoareyou(host: string): boolean {
    const all = this.#allWhoareyous[kindOfHost(host) === 'public' ? 'public' : 'lan'];
    // asked first: in a flood it is empty, and the sources of a flood are too many to look at each
    return all.hasLeft() && this.#take('whoareyous', host) && all.take();
  }

  canRecover(kind: 'question' | 'answer'): boolean {
    return this.#recoveries[kind].hasLeft();
  }

  /** Runs a recovery and charges what it cost, even when it throws. */
  recover<Result>(kind: 'question' | 'answer', work: () => Result): Result {
    const startedAt = this.#clock.now();
    try {
      return work();
    } finally {
      this.#charge(kind, startedAt);
    }
  }

  /** The same for the keys of a session, which are made while other work is done: so part of the charge comes first. */
  async agree<Result>(kind: 'question' | 'answer', work: () => Promise<Result>): Promise<Result> {
    this.#recoveries[kind].charge(USUAL_AGREEMENT_MS);
    const startedAt = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#charge(kind, startedAt, USUAL_AGREEMENT_MS);
    }
  }

  #charge(kind: 'question' | 'answer', startedAt: number, chargedMs = 0): void {
    const ms = this.#clock.now() - startedAt;
    const cost = Math.min(MAX_RECOVERY_MS, Math.max(MIN_RECOVERY_MS, ms));
    this.#recoveries[kind].charge(cost - chargedMs);
  }

  #take(what: PerSource, host: string): boolean {
    const address = parseIp(host);
    if (!address) return false;
    const key = sourceKey(address);
    const buckets = this.#sources[what];
    let bucket = buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket({ clock: this.#clock, ...limitsOf(what, host) });
      buckets.set(key, bucket);
    }
    return bucket.take();
  }
}

function limitsOf(what: PerSource, host: string): Rate {
  const { perSecond, size } = SOURCE_LIMITS[what];
  const factor = kindOfHost(host) === 'public' ? 1 : LAN_FACTOR;
  return { perSecond: perSecond * factor, size: size * factor };
}

/** Work in ms. Goes below zero by what the last piece cost too much. */
class WorkBudget {
  readonly #clock: Clock;
  #leftMs = RECOVERY_MS.size;
  #countedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.now();
  }

  hasLeft(): boolean {
    const now = this.#clock.now();
    const gained = ((now - this.#countedAt) / 1_000) * RECOVERY_MS.perSecond;
    if (gained > 0) this.#leftMs = Math.min(RECOVERY_MS.size, this.#leftMs + gained);
    this.#countedAt = now;
    return this.#leftMs > 0;
  }

  charge(ms: number): void {
    this.#leftMs -= ms;
  }
}
