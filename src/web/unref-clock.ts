/** The clock of the process, with timers that do not keep the process running. */
import { type Clock, systemClock } from '../io/process/clock.ts';

export const unrefClock: Clock = {
  ...systemClock,
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
};
