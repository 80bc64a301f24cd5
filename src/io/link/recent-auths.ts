/**
 * The auth packets that one server received recently. Every honest auth has new random keys and a new nonce, so a packet
 * that comes again is a recording: it is recognised without an operation on the curve. Source: security row C8.
 */
import type { Primitives } from '../crypto/primitives.ts';
import type { Clock } from '../process/clock.ts';

/** Source: security row C8. */
export const MAX_RECENT_AUTHS = 4_096;

/** Time for which an auth is remembered after it came last, in ms. Source: security row C8. */
export const RECENT_AUTH_MS = 600_000;

export class RecentAuths {
  readonly #clock: Clock;
  readonly #hash: Primitives['sha256'];
  /** When each came last, by its hash. At most {@link MAX_RECENT_AUTHS}; the one that came longest ago is removed first. */
  readonly #cameAt = new Map<string, number>();

  constructor(clock: Clock, { sha256 }: Pick<Primitives, 'sha256'>) {
    this.#clock = clock;
    this.#hash = sha256;
  }

  get size(): number {
    return this.#cameAt.size;
  }

  /** Remembers this packet. @returns Whether it was known already. */
  isReplay(packet: Uint8Array): boolean {
    const now = this.#clock.now();
    this.#forgetUntil(now - RECENT_AUTH_MS);
    const hash = Buffer.from(this.#hash(packet)).toString('base64');
    const isKnown = this.#cameAt.delete(hash);
    this.#cameAt.set(hash, now);
    if (this.#cameAt.size > MAX_RECENT_AUTHS) this.#forgetFirst();
    return isKnown;
  }

  #forgetUntil(time: number): void {
    for (const cameAt of this.#cameAt.values()) {
      if (cameAt > time) return;
      this.#forgetFirst();
    }
  }

  #forgetFirst(): void {
    for (const hash of this.#cameAt.keys()) {
      this.#cameAt.delete(hash);
      return;
    }
  }
}
