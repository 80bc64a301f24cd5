/**
 * The table and packets of discovery for a recording: as a row of its actor, which is long, so not with each step but
 * more and more seldom, and whenever the machine comes to another state.
 */
import type { AnyMachineSnapshot } from 'xstate';
import { statePath } from '../../actors/state-path.ts';
import type { Clock } from '../../io/process/clock.ts';
import type { DiscoveryRow, DiscoveryView } from '../discovery-protocol.ts';

/** Shortest and longest time between two rows, in ms; within them a tenth of the time since the first. Ours. */
export const MIN_PAUSE_MS = 1_000;
export const MAX_PAUSE_MS = 30_000;
const PAUSE_DIVISOR = 10;

export const SAMPLED_MACHINE = 'table-maintenance';

export type ReadDiscovery = (snapshot: AnyMachineSnapshot) => DiscoveryView;

export class DiscoverySamples {
  readonly #clock: Clock;
  readonly #read: ReadDiscovery;
  #firstAt = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #state = '';
  /** The latest one that got no row. */
  #skipped: AnyMachineSnapshot | null = null;

  constructor(clock: Clock, read: ReadDiscovery) {
    this.#clock = clock;
    this.#read = read;
  }

  /** Null when none is due. */
  rowOf(snapshot: AnyMachineSnapshot): DiscoveryRow | null {
    const now = this.#clock.now();
    const state = statePath(snapshot.value).split('.')[0]!;
    if (this.#state === '') this.#firstAt = now;
    const pause = Math.max(MIN_PAUSE_MS, (now - this.#firstAt) / PAUSE_DIVISOR);
    if (state === this.#state && now - this.#lastAt < Math.min(pause, MAX_PAUSE_MS)) {
      this.#skipped = snapshot;
      return null;
    }
    this.#skipped = null;
    this.#state = state;
    this.#lastAt = now;
    return { discovery: this.#read(snapshot) };
  }

  /** The row of now, when steps came after the last one. */
  last(): DiscoveryRow | null {
    const skipped = this.#skipped;
    this.#skipped = null;
    return skipped && { discovery: this.#read(skipped) };
  }
}
