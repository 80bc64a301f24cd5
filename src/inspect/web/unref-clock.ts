/** The clock of the process, with timers for which nobody stays awake. */
import { type Clock, systemClock } from '../../io/process/clock.ts';

export const unrefClock: Clock = {
  ...systemClock,
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
};
