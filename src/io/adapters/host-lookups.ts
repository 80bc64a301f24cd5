/**
 * Shares and bounds lookups of host names: one per name, a bounded number at once. A name server that is silent delays
 * no other name for long: while others wait, a lookup has to give way after a second and queues again.
 */
import type { Clock } from '../process/clock.ts';
import type { HostAnswer, LookUp } from './host-lookup.ts';

/** Most lookups at once in a process, two sockets each. Ours: more than the 50 dials that one server runs at once. */
const MAX_LOOKUPS = 64;

/** A lookup that has run for this long gives way to one that waits, in ms. Ours: name servers answer in less. */
export const LOOKUP_TURN_MS = 1_000;

type OnAnswer = (answer: HostAnswer) => void;

type Lookup = {
  readonly name: string;
  readonly askers: Set<OnAnswer>;
  startedAt: number;
  cancel: () => void;
};

export type HostLookupsOptions = {
  readonly lookUp: LookUp;
  readonly clock: Clock;
  readonly maxAtOnce?: number;
};

export class HostLookups {
  readonly #lookUp: LookUp;
  readonly #clock: Clock;
  readonly #maxAtOnce: number;
  /** By name, running or waiting. Bounded by the dials of the servers of this process. */
  readonly #all = new Map<string, Lookup>();
  /** The oldest first. At most `maxAtOnce`. */
  readonly #running = new Set<Lookup>();
  /** First come, first served. */
  readonly #waiting = new Set<Lookup>();
  /** Set while a lookup waits. */
  #timer: unknown = null;

  constructor({ lookUp, clock, maxAtOnce = MAX_LOOKUPS }: HostLookupsOptions) {
    this.#lookUp = lookUp;
    this.#clock = clock;
    this.#maxAtOnce = maxAtOnce;
  }

  /** Reports one answer. @returns Withdraws the question: nothing is reported after that. */
  find(name: string, onAnswer: OnAnswer): () => void {
    const asker: OnAnswer = (answer) => onAnswer(answer); // one of its own for each call
    const known = this.#all.get(name);
    if (known) known.askers.add(asker);
    else this.#add({ name, askers: new Set([asker]), startedAt: 0, cancel: () => {} });
    const lookup = known ?? this.#all.get(name);
    return () => {
      if (!lookup?.askers.delete(asker) || lookup.askers.size > 0) return;
      this.#remove(lookup);
      lookup.cancel();
      this.#fill();
    };
  }

  #add(lookup: Lookup): void {
    this.#all.set(lookup.name, lookup);
    this.#waiting.add(lookup);
    this.#fill();
  }

  #remove(lookup: Lookup): void {
    this.#all.delete(lookup.name);
    this.#running.delete(lookup);
    this.#waiting.delete(lookup);
  }

  #fill(): void {
    for (const lookup of this.#waiting) {
      if (this.#running.size >= this.#maxAtOnce) break;
      this.#start(lookup);
    }
    this.#awaitTurn();
  }

  #start(lookup: Lookup): void {
    this.#waiting.delete(lookup);
    this.#running.add(lookup);
    lookup.startedAt = this.#clock.now();
    let isOver = false;
    const cancel = this.#lookUp(lookup.name, (answer) => {
      if (isOver) return;
      isOver = true;
      this.#remove(lookup);
      const askers = [...lookup.askers];
      lookup.askers.clear();
      for (const asker of askers) asker(answer);
      this.#fill();
    });
    lookup.cancel = () => {
      if (isOver) return;
      isOver = true;
      cancel();
    };
  }

  /** Arms the timer that lets the oldest lookup give way, while one waits. */
  #awaitTurn(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    const [oldest] = this.#running;
    if (this.#waiting.size === 0 || !oldest) return;
    const left = oldest.startedAt + LOOKUP_TURN_MS - this.#clock.now();
    this.#timer = this.#clock.setTimeout(() => this.#giveWay(oldest), Math.max(0, left));
  }

  #giveWay(lookup: Lookup): void {
    this.#timer = null;
    lookup.cancel();
    lookup.cancel = () => {};
    this.#running.delete(lookup);
    this.#waiting.add(lookup);
    this.#fill();
  }
}
