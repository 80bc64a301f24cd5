/**
 * What a server remembers to explain endings: which nodes were peers lately, and whether this process stood still. It
 * decides nothing.
 */
import type { EndingCircumstances } from '../api/endings.ts';
import type { Clock } from '../io/process/clock.ts';
import { PauseWatch } from '../io/process/pause-watch.ts';

/** Former peers that are remembered. Ours: more than a server has peers. */
export const MAX_FORMER_PEERS = 1_000;

/** How long they are remembered, in ms. Ours. */
export const FORMER_PEER_MS = 600_000;

/** A pause of this process explains an ending this long after it, in ms. Ours: a round trip, and the time to read what came meanwhile. */
export const PAUSE_EXPLAINS_MS = 10_000;

export class Circumstances {
  readonly #pauses: PauseWatch;
  readonly #offersNothing: boolean;
  /** When each node stopped being a peer, by id. At most `MAX_FORMER_PEERS`; the oldest leaves first. */
  readonly #formerPeers = new Map<string, number>();

  constructor(clock: Clock, { offersNothing }: { readonly offersNothing: boolean }) {
    this.#pauses = new PauseWatch(clock);
    this.#offersNothing = offersNothing;
  }

  /** The clock that the server has to use: its late timers show a pause. */
  get clock(): Clock {
    return this.#pauses.clock;
  }

  peerEnded(id: string): void {
    this.#formerPeers.delete(id); // now the youngest
    this.#formerPeers.set(id, this.clock.now());
    const [oldest] = this.#formerPeers.keys();
    if (this.#formerPeers.size > MAX_FORMER_PEERS && oldest !== undefined)
      this.#formerPeers.delete(oldest);
  }

  /** @param id Of the node, proven or dialled; null when it is not known. */
  of(id: string | null): EndingCircumstances {
    const sincePeerMs = this.#sincePeerMs(id);
    const pause = this.#pauses.latest();
    return {
      ...(sincePeerMs !== null && { sincePeerMs }),
      ...(pause && pause.agoMs <= PAUSE_EXPLAINS_MS && { ourPause: rounded(pause) }),
      ...(this.#offersNothing && { offersNothing: true }),
    };
  }

  #sincePeerMs(id: string | null): number | null {
    const endedAt = id === null ? undefined : this.#formerPeers.get(id);
    if (endedAt === undefined) return null;
    const ms = Math.round(this.clock.now() - endedAt);
    return ms <= FORMER_PEER_MS ? ms : null;
  }
}

const rounded = ({ ms, agoMs }: NonNullable<EndingCircumstances['ourPause']>) => ({
  ms: Math.round(ms),
  agoMs: Math.round(agoMs),
});
