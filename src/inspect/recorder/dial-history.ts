/** Since when each node waits for its next dial. The dial scheduler does not know: it runs a timer for each. */
import type { Clock } from '../../io/process/clock.ts';
import type { DialFacts } from '../../machines/dialing/dial-check.ts';
import { REDIAL_DELAY_MS } from '../../machines/dialing/dial-scheduler.ts';
import type { BackOff } from '../../machines/dialing/redial-back-off.ts';

/** What makes a node wait. */
export type Waits = Pick<DialFacts, 'recent' | 'backingOff'>;

export class DialHistory {
  readonly #clock: Clock;
  /** As of the last update. */
  #waits: Waits = { recent: new Set(), backingOff: new Map() };
  /** Of those in `recent` and of those in `backingOff`; bounded with them. Oldest first. */
  readonly #dialled = new Map<string, number>();
  readonly #ended = new Map<string, { readonly at: number; readonly backOff: BackOff }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called after every change. */
  update({ recent, backingOff }: Waits): void {
    const before = this.#waits;
    this.#waits = { recent, backingOff };
    const at = this.#clock.now();
    if (recent !== before.recent) {
      for (const id of this.#dialled.keys()) if (!recent.has(id)) this.#dialled.delete(id);
      for (const id of recent) if (!this.#dialled.has(id)) this.#dialled.set(id, at);
    }
    if (backingOff !== before.backingOff) {
      for (const id of this.#ended.keys()) if (!backingOff.has(id)) this.#ended.delete(id);
      for (const [id, backOff] of backingOff)
        if (this.#ended.get(id)?.backOff !== backOff) this.#ended.set(id, { at, backOff });
    }
  }

  /** ms until it may be dialled again; null when it may be now. Too long for ids that waited at the first update. */
  msLeft(id: string): number | null {
    const dialled = this.#dialled.get(id);
    const ended = this.#ended.get(id);
    if (dialled === undefined && !ended) return null;
    const ends = [
      dialled === undefined ? 0 : dialled + REDIAL_DELAY_MS,
      ended ? ended.at + ended.backOff.ms : 0,
    ];
    return Math.max(0, Math.round(Math.max(...ends) - this.#clock.now()));
  }

  /** The state in which it ended, if that makes it wait; null when only the redial delay does. */
  becauseOf(id: string): string | null {
    return this.#ended.get(id)?.backOff.because ?? null;
  }
}
