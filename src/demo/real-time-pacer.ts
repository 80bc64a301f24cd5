/** Advances a simulated world in real time. */
import type { Clock } from '../io/process/clock.ts';

/** Real time between two steps, in ms: short enough to look continuous. */
export const STEP_MS = 50;

/** Most steps that one step catches up, so that time does not jump after a suspend. */
export const MAX_CATCH_UP_STEPS = 10;

export type PacerOptions = {
  /** The real-time clock. */
  readonly clock: Clock;
  /** Simulated ms for each real ms. */
  readonly speed: number;
  /** Advances the world by `ms`. */
  readonly run: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
};

/** Runs until `signal` aborts. @throws Errors of `run`. */
export async function keepPace({ clock, speed, run, signal }: PacerOptions): Promise<void> {
  let last = clock.now();
  while (!signal.aborted) {
    await waitOneStep(clock, signal);
    const now = clock.now();
    await run(Math.min(now - last, STEP_MS * MAX_CATCH_UP_STEPS) * speed);
    last = now;
  }
}

function waitOneStep(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.setTimeout(finish, STEP_MS);
    signal.addEventListener('abort', finish, { once: true });
  });
}
