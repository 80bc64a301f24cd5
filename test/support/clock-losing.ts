/** A clock that loses every timer of one length, to test the backstops behind it. */
import type { Clock } from '../../src/io/process/clock.ts';

/** @param lostMs Length of the timers that are lost, in ms. */
export const clockLosing = (clock: Clock, lostMs: number): Clock => ({
  now: () => clock.now(),
  setTimeout: (run, ms) => (ms === lostMs ? null : clock.setTimeout(run, ms)),
  clearTimeout: (timer) => clock.clearTimeout(timer),
});
