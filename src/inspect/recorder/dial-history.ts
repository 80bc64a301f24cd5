/** When each node was dialled last. The dial scheduler does not know: it runs one timer for each. */
import type { Clock } from '../../io/process/clock.ts';
import { REDIAL_DELAY_MS } from '../../machines/dialing/dial-scheduler.ts';

export class DialHistory {
  readonly #clock: Clock;
  /** As of the last update. */
  #recent: ReadonlySet<string> = new Set();
  /** Of those in `#recent`; bounded with it. Oldest first. */
  readonly #since = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called after every change. @param recent Ids that were dialled less than the redial delay ago. */
  update(recent: ReadonlySet<string>): void {
    if (recent === this.#recent) return;
    this.#recent = recent;
    for (const id of this.#since.keys()) if (!recent.has(id)) this.#since.delete(id);
    for (const id of recent) if (!this.#since.has(id)) this.#since.set(id, this.#clock.now());
  }

  /** ms until it may be dialled again; null when it may be now. Too long for ids that were recent at the first update. */
  msLeft(id: string): number | null {
    const since = this.#since.get(id);
    if (since === undefined) return null;
    return Math.max(0, Math.round(since + REDIAL_DELAY_MS - this.#clock.now()));
  }
}
