/** The monotonic clock of a server: durations only, no wall-clock time. */

export type Clock = {
  /** Milliseconds since an arbitrary fixed moment; never decreases. */
  now(): number;
  /** Also called by XState for every delay of a chart. */
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
