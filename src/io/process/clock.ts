/** The time everything here runs on. Durations only: no wall clock. */

export type Clock = {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** What XState calls for every delay of a chart. */
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
