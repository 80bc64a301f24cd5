/**
 * Whether the clock of this machine is wrong. Packets expire by the time of day: with a clock that is 20 s off no node
 * answers us, or we take no answer. What others put into their packets shows it; one sender alone counts for little.
 */
import { BoundedMap } from '../process/bounded-map.ts';
import type { Clock } from '../process/clock.ts';

/** How long packets are valid, in ms: ours, and those of all others that we know. Source: go-ethereum, `expiration`. */
export const VALID_MS = 20_000;

/** Requests in a row without an answer that call for a check. Source: go-ethereum, `ntpFailureThreshold`. */
export const MANY_TIMEOUTS = 32;

/** Difference that is worth a warning, in ms. Source: go-ethereum, `driftThreshold`. */
export const DRIFT_MS = 10_000;

/** Shortest time between two warnings, in ms. Source: go-ethereum, `ntpWarningCooldown`. */
export const WARNING_PAUSE_MS = 10 * 60 * 1_000;

/** Senders that have a voice, the latest ones, and how many it takes. Ours. */
const MAX_VOICES = 32;
export const MIN_VOICES = 5;

export class ClockCheck {
  readonly #clock: Clock;
  readonly #unixTimeMs: () => number;
  /** By how much a sender's clock is ahead of ours, in ms, by address. At most MAX_VOICES. */
  readonly #aheadMs = new BoundedMap<string, number>(MAX_VOICES);
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, unixTimeMs: () => number) {
    this.#clock = clock;
    this.#unixTimeMs = unixTimeMs;
  }

  /** @param expiration Of a packet of this sender, in seconds. */
  note(host: string, expiration: number): void {
    this.#aheadMs.set(host, expiration * 1_000 - VALID_MS - this.#unixTimeMs());
  }

  /**
   * @returns By how much our clock is behind those of others, in ms, below zero when it is ahead. Null when all is well,
   * too few have spoken, or the last warning was a short time ago.
   */
  driftAfter(timeoutsInARow: number): number | null {
    const drift = this.driftNow(timeoutsInARow);
    const now = this.#clock.now();
    if (drift === null || now - this.#warnedAt < WARNING_PAUSE_MS) return null;
    this.#warnedAt = now;
    return drift;
  }

  /** The same without a pause between warnings, of which it is none. */
  driftNow(timeoutsInARow: number): number | null {
    if (timeoutsInARow <= MANY_TIMEOUTS || this.#aheadMs.size < MIN_VOICES) return null;
    const sorted = [...this.#aheadMs.values()].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    return Math.abs(median) < DRIFT_MS ? null : median;
  }
}
