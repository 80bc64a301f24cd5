/** Lets the time of a world go on with the time of the wall. It knows nothing of what happens in there. */
import type { Clock } from '../io/process/clock.ts';

/** From one step to the next, in ms of the wall: people see no difference, and the process rests in between. */
export const STEP_MS = 50;

/** The most that is made up for in one step, in steps: a machine that slept goes on where it was. */
export const MAX_BEHIND_STEPS = 10;

export type PaceOptions = {
  /** Of the wall. */
  readonly clock: Clock;
  /** How many ms pass in the world in one ms of the wall. */
  readonly speed: number;
  /** Lets so many ms of the world pass. */
  readonly run: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
};

/** Until `signal`. @throws what `run` throws. */
export async function keepPace({ clock, speed, run, signal }: PaceOptions): Promise<void> {
  let last = clock.now();
  while (!signal.aborted) {
    await rest(clock, signal);
    const now = clock.now();
    await run(Math.min(now - last, STEP_MS * MAX_BEHIND_STEPS) * speed);
    last = now;
  }
}

function rest(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = clock.setTimeout(wake, STEP_MS);
    signal.addEventListener('abort', wake, { once: true });
  });
}
