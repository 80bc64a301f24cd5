/** The states in which one actor has rested, in order, and when it came to each. */
import type { Clock } from '../io/process/clock.ts';

export class StateTrail {
  readonly states: string[] = [];
  /** When each state was entered, in whole ms since the trail began. */
  readonly enteredAtMs: number[] = [];
  readonly #clock: Clock;
  readonly #beganAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAt = clock.now();
  }

  /** When the last state was entered, in ms since the trail began; 0 before the first. */
  get lastEnteredAtMs(): number {
    return this.enteredAtMs.at(-1) ?? 0;
  }

  /** Does nothing when the actor is in this state already. */
  enter(state: string): void {
    if (state === this.states.at(-1)) return;
    this.states.push(state);
    this.enteredAtMs.push(Math.round(this.#clock.now() - this.#beganAt));
  }
}
